"""DragAPart (Li et al., ECCV 2024): what a picture shows once a part is pulled."""
