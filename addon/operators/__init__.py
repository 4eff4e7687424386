"""One action a file: gather, ask or write, report."""

from __future__ import annotations

import bpy

from . import export_model, import_model
from .accept_all import AcceptAll
from .accept_animation import AcceptAnimation
from .accept_placement import AcceptPlacement
from .accept_result import AcceptResult
from .add_drag import AddDrag
from .add_import import AddImport
from .add_joint_step import AddJointStep
from .add_multi_view_rig import AddMultiViewRig
from .add_part import AddPart
from .add_sample import AddSample
from .add_textures import AddTextures
from .add_time_handle import AddTimeHandle
from .animate import Animate
from .animate_live import AnimateLive
from .articulate_all import ArticulateAll
from .articulate_part import ArticulatePart
from .articulate_words import ArticulateWords
from .ask_again import AskAgain
from .bake_texture import BakeTexture
from .brush_part import BrushPart
from .cancel_job import CancelJob
from .change_pick_level import ChangePickLevel
from .clear_jobs import ClearJobs
from .connect import Connect
from .copy_text import CopyText
from .disconnect import Disconnect
from .drag_views import DragViews
from .draw_drag import DrawDrag
from .draw_trajectory import DrawTrajectory, StrokePoint
from .duplicate_drag import DuplicateDrag
from .export_model import ExportModel
from .flip_axis import FlipAxis
from .flip_part import FlipPart
from .hide_first_steps import HideFirstSteps
from .import_model import ImportModel
from .lock_joint import LockJoint
from .make_key import MakeKey
from .mark_proposal import MarkProposal
from .mirror_drag import MirrorDrag
from .move_drag_point import MoveDragPoint
from .open_dragged_view import OpenDraggedView
from .pick_part import PickPart
from .place_at import PlaceAt
from .place_in_scene import PlaceInScene
from .reject_animation import RejectAnimation
from .reject_placement import RejectPlacement
from .reject_result import RejectResult
from .remove_animation import RemoveAnimation
from .remove_drag import RemoveDrag
from .remove_joint import RemoveJoint
from .remove_joint_step import RemoveJointStep
from .remove_part import RemovePart
from .remove_trajectory import RemoveTrajectory
from .render_controls import RenderControls
from .retry_job import RetryJob
from .reverse_trajectory import ReverseTrajectory
from .segment_moving import SegmentMoving
from .select_part import SelectPart
from .set_drag_point import SetDragPoint
from .set_timing import SetTiming
from .set_trajectory_frame import SetTrajectoryFrame
from .show_alternative import ShowAlternative
from .show_dragged_view import ShowDraggedView
from .show_log import ShowLog
from .show_proposal import ShowProposal
from .snap_origin import SnapOrigin
from .stop_backend import StopBackend
from .suggest_parts import SuggestParts
from .switch_joint_type import SwitchJointType
from .update_animation import UpdateAnimation
from .use_curve import UseCurve
from .use_stroke import UseStroke
from .use_tool import UseTool

classes = (
    AcceptAll,
    AcceptAnimation,
    AcceptPlacement,
    AcceptResult,
    AddDrag,
    AddImport,
    AddJointStep,
    AddMultiViewRig,
    AddPart,
    AddSample,
    AddTextures,
    AddTimeHandle,
    Animate,
    AnimateLive,
    ArticulateAll,
    ArticulatePart,
    ArticulateWords,
    BrushPart,
    AskAgain,
    BakeTexture,
    CancelJob,
    ChangePickLevel,
    ClearJobs,
    Connect,
    CopyText,
    Disconnect,
    DragViews,
    DrawDrag,
    DuplicateDrag,
    StrokePoint,
    DrawTrajectory,
    ExportModel,
    FlipAxis,
    FlipPart,
    HideFirstSteps,
    ImportModel,
    LockJoint,
    MakeKey,
    MarkProposal,
    MirrorDrag,
    MoveDragPoint,
    OpenDraggedView,
    PickPart,
    PlaceAt,
    PlaceInScene,
    RejectAnimation,
    RejectPlacement,
    RejectResult,
    RemoveAnimation,
    RemoveDrag,
    RemoveJoint,
    RemoveJointStep,
    RemovePart,
    RemoveTrajectory,
    RenderControls,
    RetryJob,
    ReverseTrajectory,
    SegmentMoving,
    SelectPart,
    SetDragPoint,
    SetTiming,
    SetTrajectoryFrame,
    ShowAlternative,
    ShowDraggedView,
    ShowLog,
    ShowProposal,
    SnapOrigin,
    StopBackend,
    SuggestParts,
    SwitchJointType,
    UseTool,
    UpdateAnimation,
    UseCurve,
    UseStroke,
)


def register() -> None:
    for cls in classes:
        bpy.utils.register_class(cls)
    bpy.types.TOPBAR_MT_file_export.append(export_model.draw_menu)
    bpy.types.TOPBAR_MT_file_import.append(import_model.draw_menu)


def unregister() -> None:
    bpy.types.TOPBAR_MT_file_import.remove(import_model.draw_menu)
    bpy.types.TOPBAR_MT_file_export.remove(export_model.draw_menu)
    for cls in reversed(classes):
        bpy.utils.unregister_class(cls)
