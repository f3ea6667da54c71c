"""Pages of `--format html` in a headless Chromium: they draw themselves, answer, ask nobody, and run nothing else."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from browser import Browser, find_chromium

HERE = Path(__file__).parent
ASSESSMENT = HERE.parent.parent / "examples" / "assessment"
# What a project would do that wants a script of its own to run; where it can, a test of Rust says.
MARKUP = "</script><script>hacked=1</script><img src=x onerror='hacked=1'><svg onload='hacked=1'>"
HOSTILE = f'''
from fastapi import Depends, FastAPI
from sqlalchemy import Column, Integer, String, create_engine
from sqlalchemy.orm import declarative_base, sessionmaker

EVIL = "{MARKUP}\\x1b[31m\\u202e"
app = FastAPI(title=EVIL, version=EVIL)
Session = sessionmaker(create_engine("sqlite://"))


class Evil(declarative_base()):
    __tablename__ = EVIL
    id = Column(Integer, primary_key=True)
    name = Column(EVIL, String)


def session():
    """{MARKUP}"""
    with Session() as db:
        yield db


@app.get("/{{x}}/" + EVIL, tags=[EVIL], operation_id=EVIL)
def evil(x: int, db=Depends(session)):  # {MARKUP}
    """{MARKUP}"""
    return db.query(Evil).all()


@app.get("/y/" + EVIL)
def never():  # {MARKUP}
    raise RuntimeError("{MARKUP}")
'''
VIEWS = ("#/", "#/endpoints", "#/findings", "#/routers", "#/dependencies", "#/tables")


def write_page(project: Path, page: Path, command: str = "map") -> None:
    """Writes the page of a project."""
    arguments = [os.environ["ARCHITECT"], command, "--format", "html", "--output", str(page), str(project)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise AssertionError(done.stderr)


class Pages(unittest.TestCase):
    """One browser for all tests; each looks at the page it opens."""

    @classmethod
    def setUpClass(cls) -> None:
        program = find_chromium()
        if program is None:
            if os.environ.get("CI"):
                raise AssertionError("Chromium is missing: install the package chromium")
            raise unittest.SkipTest("Chromium is missing; install the package chromium to open pages")
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.page = Path(cls.folder.name, "assessment.html")
        write_page(ASSESSMENT, cls.page)
        project = Path(cls.folder.name, "hostile")
        (project / "app").mkdir(parents=True)
        (project / "app" / "__init__.py").touch()
        (project / "app" / "main.py").write_text(HOSTILE, encoding="utf-8")
        cls.hostile = Path(cls.folder.name, "hostile.html")
        write_page(project, cls.hostile)
        cls.browser = cls.enterClassContext(Browser(program))

    def setUp(self) -> None:
        self.browser.console.clear()
        self.browser.requests.clear()
        self.browser.window(1440, 1000)

    def tearDown(self) -> None:
        self.assertEqual(self.browser.console, [], "the console stays empty")
        elsewhere = [url for url in self.browser.requests if not url.startswith("file:") and url != "about:blank"]
        self.assertEqual(elsewhere, [], "nobody is asked for anything")

    def see(self, page: Path, part: str) -> None:
        self.browser.open(page, part)
        self.browser.settled()

    def text(self, selector: str) -> str:
        return self.browser.run(f"document.querySelector({selector!r})?.innerText ?? ''")

    def count(self, selector: str) -> int:
        return self.browser.run(f"document.querySelectorAll({selector!r}).length")

    def type(self, text: str) -> None:
        script = "(text) => { const i = document.querySelector('.search input'); i.value = text;"
        self.browser.run(f"({script} i.dispatchEvent(new Event('input', {{ bubbles: true }})); }})({text!r})")
        self.browser.settled()

    def test_every_view_draws_itself_at_every_width(self) -> None:
        for width in (1440, 390):
            self.browser.window(width, 900)
            for view in VIEWS:
                with self.subTest(view=view, width=width):
                    self.see(self.page, view)
                    self.assertEqual(self.count("main h1"), 1)
                    self.assertEqual(self.count(".tabs [aria-current]"), 1)
                    self.assertGreater(self.count("main *"), 30)
                    wide = self.browser.run("document.documentElement.scrollWidth")
                    self.assertLessEqual(wide, width, "nothing sticks out")

    def test_search_filters_the_endpoints(self) -> None:
        self.see(self.page, "#/endpoints")
        self.assertIn("33 endpoints", self.text(".count"))
        self.type("post sessions")
        paths = self.browser.run("[...document.querySelectorAll('.rows .path')].map((one) => one.textContent)")
        self.assertEqual(len(paths), 3)
        self.assertTrue(all("/sessions" in path for path in paths), paths)
        self.assertIn("3 of 33", self.text(".count"))
        self.assertIn("q=post+sessions", self.browser.run("location.hash"))
        self.type("no such thing")
        self.assertEqual(self.count(".rows li"), 0)
        self.assertIn("No endpoint", self.text(".table .nothing"))

    def test_filters_and_order_stand_in_the_address(self) -> None:
        self.see(self.page, "#/endpoints?auth=none&method=POST")
        self.assertEqual(self.count(".rows li"), self.count(".rows .auth.none"))
        self.assertEqual(self.count(".rows li"), 3)
        self.see(self.page, "#/endpoints?sort=cost")
        script = "[...document.querySelectorAll('.rows .formula')].slice(0, 3).map((one) => one.innerText)"
        dearest = self.browser.run(script)
        self.assertEqual(dearest, ["2 + N(choices)", "2 + N(AssessmentSession)", "6"])
        self.browser.run("[...document.querySelectorAll('.columnheads button')][4].click()")
        self.browser.settled()
        self.assertIn("sort=findings", self.browser.run("location.hash"))
        self.assertEqual(self.count(".rows li:first-child .severity.error"), 1)

    def test_keys_lead_to_an_endpoint_and_back(self) -> None:
        self.see(self.page, "#/endpoints")
        self.browser.press("/")
        self.assertEqual(self.browser.run("document.activeElement.type"), "search")
        self.type("GET /api/v1/sessions")
        self.browser.press("ArrowDown")
        self.browser.press("ArrowDown")
        self.browser.press("ArrowUp")
        first = self.browser.run("document.activeElement.getAttribute('href')")
        self.assertRegex(first, r"^#/endpoint/\d+$")
        self.browser.press("Enter")
        self.browser.settled()
        self.assertEqual(self.browser.run("location.hash"), first)
        self.assertEqual(self.count("main .chain > li") > 4, True)
        self.browser.press("ArrowRight")
        self.browser.settled()
        self.assertNotEqual(self.browser.run("location.hash"), first)
        self.browser.press("Escape")
        self.browser.settled()
        self.assertIn("#/endpoints?q=", self.browser.run("location.hash"))

    def test_an_endpoint_has_its_chain_from_router_to_statement(self) -> None:
        number = self.browser_number("/api/v1/sessions", "GET")
        self.see(self.page, f"#/endpoint/{number}")
        stages = self.browser.run("[...document.querySelectorAll('.chain .kind')].map((one) => one.textContent)")
        expected = ["Application", "Includes", "Includes", "Router", "Dependencies", "Endpoint", "Statements", "Answer"]
        self.assertEqual(stages, expected)
        self.assertIn("n-plus-one-lazy-load", self.browser.run(f"JSON.stringify({self.findings_of(number)})"))
        self.assertIn("× N(AssessmentSession)", self.text(".statements"))
        self.browser.run("document.querySelectorAll('.statement')[2].open = true")
        self.browser.settled()
        self.assertIn("app/api/v1/sessions.py:31", self.text(".statement[open] .way"))
        self.assertIn("list[app.schemas.session.SessionSummary]", self.text(".chain > li:last-child"))

    def findings_of(self, number: int) -> str:
        data = "JSON.parse(document.getElementById('data').textContent)"
        return f"((d) => d.endpoints[{number}].findings.map((one) => d.findings[one].rule))({data})"

    def browser_number(self, path: str, method: str) -> int:
        self.see(self.page, "#/")
        data = "JSON.parse(document.getElementById('data').textContent).endpoints"
        return self.browser.run(f"{data}.findIndex((one) => one.path === {path!r} && one.methods === {method!r})")

    def test_findings_come_with_code_and_what_to_do_first(self) -> None:
        self.see(self.page, "#/findings")
        self.assertEqual(self.browser.run("[...document.querySelectorAll('.groups h2')].map((one) => one.firstChild.data)"), ["First", "Next", "Then"])
        self.assertIn("@router.delete", self.text(".finding .code"))
        self.type("n-plus-one")
        self.assertIn("1 of 21", self.text(".count"))
        self.assertIn("session.responses", self.text(".finding .code .marked"))

    def test_diagrams_can_be_followed(self) -> None:
        self.see(self.page, "#/tables")
        self.assertEqual(self.count("svg .box"), 8)
        self.assertEqual(self.count("svg .edge"), 10)
        self.browser.run("document.querySelector('svg .box').dispatchEvent(new MouseEvent('mouseenter'))")
        self.assertGreater(self.count("svg .edge.lit"), 0)
        self.browser.run("document.querySelector('svg .box').dispatchEvent(new MouseEvent('click'))")
        self.browser.settled()
        self.assertRegex(self.browser.run("location.hash"), r"^#/table/\d+$")
        self.assertGreater(self.count(".grid tbody tr"), 3)
        self.see(self.page, "#/routers")
        self.assertEqual(self.count("svg .box"), 10)
        self.see(self.page, "#/dependencies")
        self.assertEqual(self.count("svg .edge"), 3)

    def test_boxes_do_not_overlap(self) -> None:
        script = """(() => { const boxes = [...document.querySelectorAll('svg .box .frame')].map((one) => one.getBoundingClientRect());
          return boxes.flatMap((a, i) => boxes.slice(i + 1).filter((b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)).length; })()"""
        for view in ("#/routers", "#/dependencies", "#/tables"):
            with self.subTest(view=view):
                self.see(self.page, view)
                self.assertEqual(self.browser.run(script), 0)

    def test_colours_follow_the_system_and_the_button(self) -> None:
        ground = "getComputedStyle(document.body).backgroundColor"
        self.see(self.page, "#/")
        light = self.browser.run(ground)
        self.browser.window(1440, 1000, dark=True)
        self.browser.settled()
        dark = self.browser.run(ground)
        self.assertNotEqual(light, dark)
        self.browser.run("document.getElementById('theme').click()")
        self.assertEqual(self.browser.run(ground), light)
        self.browser.run("localStorage.clear()")

    def test_paper_has_every_row(self) -> None:
        self.see(self.page, "#/endpoints")
        self.browser.window(1440, 300)
        self.browser.settled()
        self.assertLess(self.count(".rows li"), 33)
        self.browser.run("dispatchEvent(new Event('beforeprint'))")
        self.assertEqual(self.count(".rows li"), 33)

    def test_a_hostile_project_is_text(self) -> None:
        for view in (*VIEWS, "#/endpoint/4", "#/endpoint/5", "#/table/0"):
            with self.subTest(view=view):
                self.see(self.hostile, view)
                self.browser.run("for (const one of document.querySelectorAll('details')) one.open = true")
                self.browser.settled()
                self.assertEqual(self.browser.run("typeof hacked"), "undefined")
                self.assertEqual(self.count("main img, main script, main iframe, main svg[onload]"), 0)
        self.see(self.hostile, "#/table/0")
        self.assertIn("<img src=x onerror='hacked=1'>", self.text("h1"))
        self.assertIn("\\u{1b}[31m\\u{202e}", self.text("h1"))

    def test_the_policy_lets_no_other_script_run(self) -> None:
        self.see(self.hostile, "#/")
        self.browser.run("document.head.append(Object.assign(document.createElement('script'), { text: 'hacked = 1' }))")
        self.assertEqual(self.browser.run("typeof hacked"), "undefined")
        self.assertTrue(any("Content Security Policy" in said for said in self.browser.console), self.browser.console)
        self.browser.console.clear()


if __name__ == "__main__":
    sys.exit(unittest.main())
