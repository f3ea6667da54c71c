//! The standard library, which is modelled or known by its names and never read.

use std::sync::LazyLock;

use rustc_hash::FxHashSet;

const NAMES: &str = "
    __future__ abc argparse array ast asyncio atexit base64 bisect builtins bz2 calendar cgi codecs collections
    colorsys compileall concurrent configparser contextlib contextvars copy copyreg csv ctypes dataclasses datetime
    decimal difflib dis email encodings enum errno faulthandler fcntl filecmp fileinput fnmatch fractions ftplib
    functools gc getpass gettext glob grp gzip hashlib heapq hmac html http imaplib importlib inspect io ipaddress
    itertools json keyword linecache locale logging lzma mailbox marshal math mimetypes mmap multiprocessing netrc
    numbers operator os pathlib pdb pickle pkgutil platform plistlib posixpath pprint profile pwd pyclbr queue
    quopri random re readline resource runpy sched secrets select selectors shelve shlex shutil signal site smtplib
    socket socketserver sqlite3 ssl stat statistics string struct subprocess symtable sys sysconfig syslog tarfile
    tempfile textwrap threading time timeit token tokenize tomllib trace traceback tracemalloc tty types typing
    typing_extensions unicodedata unittest urllib uuid venv warnings wave weakref webbrowser winreg wsgiref xml
    xmlrpc zipapp zipfile zipimport zlib zoneinfo _architect
";

static TOPS: LazyLock<FxHashSet<&'static str>> = LazyLock::new(|| NAMES.split_ascii_whitespace().collect());

/// Whether a top-level module belongs to the standard library.
pub(crate) fn is_stdlib(top: &str) -> bool {
    TOPS.contains(top)
}
