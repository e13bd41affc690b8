"""From clips, decoded once, to visual and acoustic features on the grid."""
