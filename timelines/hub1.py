"""What the last line of a printed plan may point back to instead of spelling it out. FROZEN: see below.

Packing (`qrtext`) replaces whatever stands here by a short reference. A changed, added or removed letter makes every
sheet printed before unreadable, so this text is never edited once sheets are out: a better one becomes `hub2.py` with
the mark HUB2, and both stay readable. A step that is missing here still comes back; it only takes more room.
"""

STEPS = (
    "map news bag charge medicine milk pet_food family_day garden relatives fuel way_again river_online "
    "slope_signs call_family car_up things_up neighbour helper_ready bath_water ask_language go_early "
    "get_ready stay_in lock call_helper pet_cage medicine_bag knock go knock_go arrived no_river up "
    "away_from_slope call_119"
)
"""Ids of the town's choices as the product ships them; a town's own are spelled out."""

SHAPES = (
    '"wheelchair""relatives""upstairs""steel""concrete""unknown""infant","child","elder","care","pregnant","pet","car",'
    '"medicine","language""ja-easy""zh-Hans""zh-Hant""ko""vi""pt""en""neighbours","parent","car",null]'
    "[[2,3,4,5,6,8,10],[2,3,4,6,8,10],[2,3,4,5],[2,3,4],"
    '[0,2,5,8,10],[130.,33.[135.,34.[140.,35.[137.,36.[139.,38.],[3,1,],[1,1,],[2,2,],[2,1,"wood"],'
    '[1,[],"foot",null],[2,[],"foot",500],[4,["child","elder"],"foot",300],[1,0,30,72],[1,1,30,null],[0,0,60,null],'
    '["relatives",null,null,0],["upstairs",null,null,0],["shelter","E0",null,0],["shelter","",null,1],null,3,'
    '[[4,["[[1,["]],[2,["]],[3,["]],[4,["]],[5,["]]],[],[2],[3],[1,2,3,4],"self",["family"],"ja","2027-"2026-1'
)
"""How the other fields usually look."""

TEXT = ("".join(f'"{name}",' for name in STEPS.split()) + SHAPES).encode()
