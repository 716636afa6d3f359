"""Resynthesis: cuts replaced by smaller circuits, circuits written in other bases."""
