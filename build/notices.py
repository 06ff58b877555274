#!/usr/bin/env python3
"""Makes THIRD-PARTY-NOTICES.txt: whose work the node and its command line contain, and under which licence.

  dotnet restore src/Store.Node && build/notices.py

It takes the packages that the node is built with, and what they say of themselves, from the cache of NuGet. Versions are left out: most
updates change nothing here. A package under a licence whose text is not in build/licences is an error. A text there that has a package's
name is that package's own. A test compares the file with what is packed.
"""
import json
import pathlib
import re
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parent.parent
TEXTS = ROOT / "build" / "licences"
ASSETS = ROOT / "src" / "Store.Node"
RULE = "=" * 78

# Under the licence of Gossipdb itself, whose text lies beside the notices.
OWN = "Apache-2.0"

# What no package says: name, licence, whose it is, and where its text lies if it has one of its own.
OTHERS = [
    ("Netty", OWN, "Copyright 2014 The Netty Project. The packages DotNetty.* are made after it.", None),
    ("SQLite", "public domain", "The library in SQLitePCLRaw.lib.e_sqlite3. https://www.sqlite.org/copyright.html", None),
    ("uPlot", "MIT", "Draws the charts of the dashboard.", ASSETS / "Dashboard" / "Assets" / "uplot.LICENSE"),
]

HEAD = f"""Notices of third parties

Gossipdb is licensed by the file LICENSE. Its node and its command line contain the work of others, which is named here with its licence.
Where a package leaves a choice, {OWN} is chosen. The text of {OWN} is that of the file LICENSE; all others are below.
Archives bring .NET, too: what it has to say lies in their folder "dotnet".

This file is made by build/notices.py.
"""


def text(path):
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def packages():
    """The packages that put a file beside the node: id, and the folder it was unpacked to."""
    assets = json.loads((ASSETS / "obj" / "project.assets.json").read_text())
    folders = [pathlib.Path(folder) for folder in assets["packageFolders"]]
    for name, package in assets["targets"]["net10.0"].items():
        files = [file for kind in ("runtime", "native", "runtimeTargets") for file in package.get(kind, {})]
        if package["type"] == "package" and any(not file.endswith("/_._") for file in files):
            path = assets["libraries"][name]["path"]
            yield name.split("/")[0], next(folder / path for folder in folders if (folder / path).is_dir())


def about(id, folder):
    """The licence of a package, and whose it is."""
    said = {each.tag.split("}")[1]: each for each in xml.parse(next(folder.glob("*.nuspec"))).iter()}
    if "license" not in said or said["license"].attrib["type"] != "expression":
        raise SystemExit(f"notices.py: {id} names no licence by an expression")
    licence = said["license"].text
    owner = said["copyright"].text if "copyright" in said else "Copyright " + ", ".join(said["authors"].text.split(","))
    # Terms of its own that it brings name the owner as the notice has to. Those of Apache hold a pattern for a name.
    for file in sorted(folder.glob("LICENSE*")) if licence != OWN else []:
        owner = re.search(r"^Copyright .*", text(file), re.MULTILINE).group()
    return licence, owner if re.search("copyright|©", owner, re.IGNORECASE) else "Copyright " + owner


def main():
    listed, texts, notices = [], {}, {}
    for id, folder in packages():
        licence, owner = about(id, folder)
        listed.append((id, licence, owner))
        if OWN not in licence.split(" OR "):
            path = next((path for path in (TEXTS / f"{id}.txt", TEXTS / f"{licence}.txt") if path.exists()), None)
            if path is None:
                raise SystemExit(f"notices.py: there is no text of {licence}, which is the licence of {id}, in build/licences")
            texts[path.stem] = text(path)
        for file in folder.glob("THIRD-PARTY-NOTICES*"):
            notices.setdefault(text(file), []).append(id)
    for name, licence, owner, path in OTHERS:
        listed.append((name, licence, owner))
        if path:
            texts[name] = text(path)

    parts = [HEAD]
    parts += [f"{name} ({licence})\n    {owner}\n" for name, licence, owner in sorted(listed, key=lambda each: each[0].lower())]
    parts += [f"{RULE}\nThe licence: {name}\n{RULE}\n\n{content}\n" for name, content in sorted(texts.items())]
    parts += [
        f"{RULE}\nWhat comes with {', '.join(sorted(ids))}\n{RULE}\n\n{content}\n"
        for content, ids in sorted(notices.items(), key=lambda each: sorted(each[1]))
    ]
    (ROOT / "THIRD-PARTY-NOTICES.txt").write_text("\n".join(parts), encoding="utf-8", newline="\n")


main()
