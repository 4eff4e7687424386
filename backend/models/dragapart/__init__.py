"""DragAPart (Li et al., ECCV 2024): what a picture of an object looks like when a part is pulled."""
