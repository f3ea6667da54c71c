//! The standard library, which is modelled or known by its names and never read.

use std::sync::LazyLock;

use rustc_hash::FxHashSet;

const NAMES: &str = "
    _abc abc aifc _aix_support annotationlib _architect argparse array _ast ast asynchat _asyncio asyncio asyncore
    atexit audioop base64 bdb binascii _bisect bisect _blake2 _bootsubprocess builtins _bz2 bz2 calendar cgi cgitb
    chunk cmath cmd code _codecs codecs _codecs_cn _codecs_hk _codecs_iso2022 _codecs_jp _codecs_kr _codecs_tw
    codeop _collections collections _collections_abc colorsys _compat_pickle compileall _compression compression
    concurrent configparser contextlib _contextvars contextvars copy copyreg cProfile _crypt crypt _csv csv _ctypes
    ctypes _curses curses _curses_panel dataclasses _datetime datetime _dbm dbm _decimal decimal difflib dis
    distutils doctest _elementtree email encodings ensurepip enum errno faulthandler fcntl filecmp fileinput fnmatch
    fractions _frozen_importlib _frozen_importlib_external ftplib _functools functools __future__ gc _gdbm
    genericpath getopt getpass gettext glob graphlib grp gzip _hashlib hashlib _heapq heapq hmac html http idlelib
    imaplib imghdr _imp imp importlib inspect _interpreters _io io ipaddress itertools _json json keyword lib2to3
    linecache _locale locale logging _lsprof _lzma lzma mailbox mailcap _markupbase marshal math _md5 mimetypes mmap
    modulefinder _multibytecodec _multiprocessing multiprocessing netrc nis nntplib ntpath nturl2path numbers
    _opcode opcode _operator operator optparse os _osx_support pathlib pdb _pickle pickle pickletools pipes pkgutil
    platform plistlib poplib posix posixpath _posixshmem _posixsubprocess pprint profile pstats pty pwd _py_abc
    py_compile pyclbr _pydecimal pydoc pydoc_data pyexpat _pyio _queue queue quopri _random random re readline
    _remote_debugging reprlib resource rlcompleter runpy sched secrets select selectors _sha1 _sha256 _sha3 _sha512
    shelve shlex shutil _signal signal site _sitebuiltins smtpd smtplib sndhdr _socket socket socketserver spwd
    _sqlite3 sqlite3 _sre sre_compile sre_constants sre_parse _ssl ssl _stat stat _statistics statistics _string
    string stringprep _strptime _struct struct subprocess sunau _symtable symtable sys sysconfig syslog tabnanny
    tarfile telnetlib tempfile termios textwrap _thread threading _threading_local time timeit _tkinter tkinter
    token _tokenize tokenize tomllib trace traceback _tracemalloc tracemalloc tty turtle turtledemo types _typing
    typing typing_extensions unicodedata unittest urllib uu _uuid uuid venv _warnings warnings wave _weakref weakref
    _weakrefset webbrowser winreg wsgiref xdrlib xml xmlrpc zipapp zipfile zipimport zlib _zoneinfo zoneinfo
";

/// What only another system, or Python 2, has: imports of these are guarded, and nobody can install them.
const ELSEWHERE: &[&str] = &[
    "__builtin__",
    "ConfigParser",
    "Queue",
    "StringIO",
    "_msi",
    "_overlapped",
    "_scproxy",
    "_winapi",
    "cPickle",
    "cStringIO",
    "httplib",
    "msilib",
    "msvcrt",
    "nt",
    "ossaudiodev",
    "urllib2",
    "urlparse",
    "winsound",
];

static TOPS: LazyLock<FxHashSet<&'static str>> = LazyLock::new(|| NAMES.split_ascii_whitespace().collect());

/// Whether a top-level module belongs to the standard library.
pub(crate) fn is_stdlib(top: &str) -> bool {
    TOPS.contains(top)
}

/// Whether a top-level module belongs to the standard library of another system or of Python 2.
pub(crate) fn is_stdlib_elsewhere(top: &str) -> bool {
    ELSEWHERE.contains(&top)
}
