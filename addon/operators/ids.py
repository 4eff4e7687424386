"""The ids of all operators, in one place."""

connect = "tug.connect"
disconnect = "tug.disconnect"
stop_backend = "tug.stop_backend"
show_log = "tug.show_log"
copy_text = "tug.copy_text"
make_key = "tug.make_key"

add_part = "tug.add_part"
remove_part = "tug.remove_part"
select_part = "tug.select_part"
add_drag = "tug.add_drag"
remove_drag = "tug.remove_drag"
set_drag_point = "tug.set_drag_point"

articulate_part = "tug.articulate_part"
cancel_job = "tug.cancel_job"
retry_job = "tug.retry_job"
clear_jobs = "tug.clear_jobs"

export_model = "tug.export_model"
import_model = "tug.import_model"
add_import = "tug.add_import"

accept_result = "tug.accept_result"
reject_result = "tug.reject_result"
remove_joint = "tug.remove_joint"
show_alternative = "tug.show_alternative"
