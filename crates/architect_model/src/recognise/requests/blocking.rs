//! Calls that wait, and the thread waits with them. Source: the documentation of each library.

/// What a call does to the thread it runs in, and how people name it. The path is that of the library, without the
/// parentheses of constructors.
pub(super) fn blocking(path: &str) -> Option<&'static str> {
    let path = path.replace("()", "");
    let top = path.split('.').next().unwrap_or_default();
    let last = path.rsplit('.').next().unwrap_or_default();
    let verb = matches!(
        last,
        "get" | "post" | "put" | "patch" | "delete" | "head" | "options" | "request" | "send" | "stream"
    );
    match top {
        "time" if last == "sleep" => Some("sleep"),
        "requests" if verb => Some("network"),
        "urllib" if matches!(last, "urlopen" | "urlretrieve") => Some("network"),
        "urllib3" if matches!(last, "request" | "urlopen") => Some("network"),
        "httpx" if verb && !path.contains("AsyncClient") => Some("network"),
        "subprocess"
            if matches!(
                last,
                "run" | "call" | "check_call" | "check_output" | "getoutput" | "communicate" | "wait"
            ) =>
        {
            Some("process")
        }
        "os" if matches!(last, "system" | "popen") => Some("process"),
        "smtplib" if matches!(last, "SMTP" | "SMTP_SSL" | "sendmail" | "send_message" | "login" | "starttls") => {
            Some("network")
        }
        "socket"
            if matches!(
                last,
                "create_connection" | "connect" | "recv" | "send" | "sendall" | "gethostbyname" | "getaddrinfo"
            ) =>
        {
            Some("network")
        }
        "redis"
            if !path.contains("asyncio")
                && last.chars().next().is_some_and(char::is_lowercase)
                && !matches!(
                    last,
                    "from_url" | "client" | "redis" | "pipeline" | "pubsub" | "register_script" | "lock"
                ) =>
        {
            Some("network")
        }
        "rq" if matches!(
            last,
            "fetch"
                | "fetch_many"
                | "enqueue"
                | "enqueue_call"
                | "enqueue_in"
                | "enqueue_at"
                | "get_status"
                | "refresh"
                | "save"
                | "cancel"
                | "all"
                | "count"
        ) =>
        {
            Some("network")
        }
        "boto3" | "botocore" if path.matches('.').count() >= 2 => Some("network"),
        "psycopg2" | "pymysql" | "MySQLdb" | "sqlite3"
            if matches!(last, "connect" | "execute" | "executemany" | "commit" | "fetchall" | "fetchone") =>
        {
            Some("database")
        }
        "pymongo"
            if matches!(
                last,
                "find_one"
                    | "insert_one"
                    | "insert_many"
                    | "update_one"
                    | "delete_one"
                    | "aggregate"
                    | "count_documents"
            ) =>
        {
            Some("database")
        }
        "bcrypt" if matches!(last, "hashpw" | "checkpw" | "gensalt" | "kdf") && last != "gensalt" => Some("hashing"),
        "passlib" if matches!(last, "hash" | "verify" | "verify_and_update" | "encrypt") => Some("hashing"),
        "pwdlib" if matches!(last, "hash" | "verify" | "verify_and_update") => Some("hashing"),
        "argon2" if matches!(last, "hash" | "verify") => Some("hashing"),
        "hashlib" if matches!(last, "pbkdf2_hmac" | "scrypt") => Some("hashing"),
        "stripe"
            if verb
                || matches!(last, "create" | "retrieve" | "modify" | "list" | "construct_event")
                    && last != "construct_event" =>
        {
            Some("network")
        }
        "openai" | "anthropic" if matches!(last, "create" | "parse") && !path.contains("Async") => Some("network"),
        "twilio" | "sendgrid" if matches!(last, "create" | "send") => Some("network"),
        "ldap3" if matches!(last, "bind" | "search") => Some("network"),
        "kafka" if matches!(last, "send" | "flush" | "poll") => Some("network"),
        "elasticsearch" | "opensearchpy"
            if !path.contains("Async")
                && path.matches('.').count() >= 2
                && last.chars().next().is_some_and(char::is_lowercase) =>
        {
            Some("network")
        }
        "paramiko" if matches!(last, "connect" | "exec_command") => Some("network"),
        "feedparser" if last == "parse" => Some("network"),
        _ => None,
    }
}

/// Whether what is made by calling this is followed by its path, so that its methods are known.
pub(super) fn is_client(path: &str) -> bool {
    let top = path.split('.').next().unwrap_or_default();
    matches!(
        top,
        "requests"
            | "httpx"
            | "redis"
            | "boto3"
            | "botocore"
            | "psycopg2"
            | "pymysql"
            | "sqlite3"
            | "pymongo"
            | "smtplib"
            | "socket"
            | "subprocess"
            | "bcrypt"
            | "passlib"
            | "pwdlib"
            | "argon2"
            | "stripe"
            | "openai"
            | "anthropic"
            | "twilio"
            | "sendgrid"
            | "ldap3"
            | "kafka"
            | "elasticsearch"
            | "opensearchpy"
            | "paramiko"
            | "urllib3"
            | "rq"
            | "urllib"
    )
}
