//! Calls that wait, and the thread waits with them. Source: the documentation of each library.

use crate::requests::Wait;

/// What a call does to the thread it runs in, and how people name it. The path is that of the library, without the
/// parentheses of constructors.
pub(crate) fn blocking(path: &str) -> Option<Wait> {
    let path = path.replace("()", "");
    if is_result(&path) {
        return None;
    }
    waits(&path)
}

/// Whether a path goes on from what a call answered, which waits for nothing: `requests.get.headers.get`; or from what a
/// twin for asyncio gives, `Client.create_async`.
fn is_result(path: &str) -> bool {
    let top = path.split('.').next().unwrap_or_default();
    let answers = matches!(
        top,
        "requests"
            | "httpx"
            | "stripe"
            | "boto3"
            | "botocore"
            | "elasticsearch"
            | "opensearchpy"
            | "redis"
            | "slack_sdk"
    );
    let mut dots = path.match_indices('.').map(|(at, _)| at).skip(1);
    path.split('.').any(|step| step.ends_with("_async") || step == "Response")
        || answers && dots.any(|at| waits(&path[..at]).is_some())
}

fn waits(path: &str) -> Option<Wait> {
    let top = path.split('.').next().unwrap_or_default();
    let last = path.rsplit('.').next().unwrap_or_default();
    let verb = matches!(
        last,
        "get" | "post" | "put" | "patch" | "delete" | "head" | "options" | "request" | "send" | "stream"
    );
    match top {
        "time" if last == "sleep" => Some(Wait::Sleep),
        "requests" if verb => Some(Wait::Network),
        "urllib" if matches!(last, "urlopen" | "urlretrieve") => Some(Wait::Network),
        "urllib3" if matches!(last, "request" | "urlopen") => Some(Wait::Network),
        "httpx" if verb && !path.contains("AsyncClient") => Some(Wait::Network),
        "subprocess"
            if matches!(
                last,
                "run" | "call" | "check_call" | "check_output" | "getoutput" | "communicate" | "wait"
            ) =>
        {
            Some(Wait::Process)
        }
        "os" if matches!(last, "system" | "popen") => Some(Wait::Process),
        "smtplib" if matches!(last, "SMTP" | "SMTP_SSL" | "sendmail" | "send_message" | "login" | "starttls") => {
            Some(Wait::Network)
        }
        "socket"
            if matches!(
                last,
                "create_connection" | "connect" | "recv" | "send" | "sendall" | "gethostbyname" | "getaddrinfo"
            ) =>
        {
            Some(Wait::Network)
        }
        "redis"
            if !path.contains("asyncio")
                && last.chars().next().is_some_and(char::is_lowercase)
                && !matches!(
                    last,
                    "from_url" | "client" | "redis" | "pipeline" | "pubsub" | "register_script" | "lock"
                ) =>
        {
            Some(Wait::Network)
        }
        "rq" if matches!(
            last,
            "fetch"
                | "fetch_many"
                | "enqueue"
                | "delay"
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
            Some(Wait::Network)
        }
        "boto3" | "botocore" if path.matches('.').count() >= 2 && is_request_to_aws(last) => Some(Wait::Network),
        "psycopg2" | "pymysql" | "MySQLdb" | "sqlite3"
            if matches!(last, "connect" | "execute" | "executemany" | "commit" | "fetchall" | "fetchone") =>
        {
            Some(Wait::Database)
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
            Some(Wait::Database)
        }
        "bcrypt" if matches!(last, "hashpw" | "checkpw" | "kdf") => Some(Wait::Hashing),
        "passlib" if matches!(last, "hash" | "verify" | "verify_and_update" | "encrypt") => Some(Wait::Hashing),
        "pwdlib" if matches!(last, "hash" | "verify" | "verify_and_update") => Some(Wait::Hashing),
        "argon2" if matches!(last, "hash" | "verify") => Some(Wait::Hashing),
        "hashlib" if matches!(last, "pbkdf2_hmac" | "scrypt") => Some(Wait::Hashing),
        "cryptography" if last == "derive" && (path.contains("PBKDF2HMAC") || path.contains("Scrypt")) => {
            Some(Wait::Hashing)
        }
        "cryptography" if path.contains(".rsa.") && last == "generate_private_key" => Some(Wait::Hashing),
        // What it answers are dictionaries: `get` asks nobody.
        "stripe"
            if matches!(last, "create" | "retrieve" | "modify" | "list" | "search" | "cancel" | "delete" | "pay") =>
        {
            Some(Wait::Network)
        }
        "openai" | "anthropic" if matches!(last, "create" | "parse") && !path.contains("Async") => Some(Wait::Network),
        "twilio" | "sendgrid" if matches!(last, "create" | "send") => Some(Wait::Network),
        "ldap3" if matches!(last, "bind" | "search") => Some(Wait::Network),
        "kafka" if matches!(last, "send" | "flush" | "poll") => Some(Wait::Network),
        "elasticsearch" | "opensearchpy"
            if !path.contains("Async")
                && path.matches('.').count() >= 2
                && last.chars().next().is_some_and(char::is_lowercase) =>
        {
            Some(Wait::Network)
        }
        "paramiko" if matches!(last, "connect" | "exec_command") => Some(Wait::Network),
        "paramiko" if path.contains("RSAKey") && last == "generate" => Some(Wait::Hashing),
        // Its backends ask the provider with `requests`.
        "social_core"
            if matches!(
                last,
                "user_data" | "get_json" | "get_querystring" | "request_access_token" | "auth_complete" | "do_auth"
            ) =>
        {
            Some(Wait::Network)
        }
        "slack_sdk" if path.contains("WebClient") && !path.contains("Async") && last.contains('_') => {
            Some(Wait::Network)
        }
        "supabase" if matches!(last, "execute" | "sign_up" | "sign_in_with_password" | "get_user" | "upload") => {
            (!path.contains("async") && !path.contains("Async")).then_some(Wait::Network)
        }
        "minio" if last.ends_with("_object") || matches!(last, "bucket_exists" | "make_bucket" | "list_buckets") => {
            Some(Wait::Network)
        }
        "psycopg"
            if !path.contains("Async")
                && matches!(last, "connect" | "execute" | "executemany" | "commit" | "fetchall" | "fetchone") =>
        {
            Some(Wait::Database)
        }
        "shutil" if matches!(last, "copytree" | "make_archive" | "unpack_archive") => Some(Wait::Work),
        "shutil" if matches!(last, "copyfileobj" | "rmtree") => Some(Wait::Files),
        "zipfile" | "tarfile" if last == "extractall" => Some(Wait::Work),
        // Pictures that were made here may be small; those that come from outside are not.
        "PIL" if path.contains("Image.open.") && matches!(last, "save" | "convert" | "resize" | "thumbnail") => {
            Some(Wait::Work)
        }
        "google"
            if path.contains(".storage.")
                && (last.starts_with("upload_from_") || last.starts_with("download_") && last != "download_chunks") =>
        {
            Some(Wait::Network)
        }
        "azure"
            if path.contains(".storage.")
                && !path.contains(".aio.")
                && matches!(last, "upload_blob" | "download_blob" | "delete_blob" | "readall") =>
        {
            Some(Wait::Network)
        }
        "docker" if path.contains("containers.") && matches!(last, "run" | "wait" | "exec_run") => Some(Wait::Process),
        "feedparser" if last == "parse" => Some(Wait::Network),
        _ => None,
    }
}

/// Whether a call waits for somebody else's service, which takes as long as it likes: what is near (a cache, a queue, the
/// disk) does not.
pub(super) fn is_slow(path: &str, wait: Wait) -> bool {
    let top = path.split('.').next().unwrap_or_default();
    let last = path.rsplit('.').next().unwrap_or_default();
    if wait != Wait::Network || is_of_answer(path) {
        return false;
    }
    match top {
        "redis" | "rq" | "kafka" | "socket" | "elasticsearch" | "opensearchpy" | "minio" => false,
        "boto3" | "botocore" => last.contains('_') && is_request_to_aws(last),
        _ => true,
    }
}

/// Whether something is done with an answer that is there: `client.get(url).json().get("id")`.
fn is_of_answer(path: &str) -> bool {
    let mut before = path.rsplit('.').skip(1);
    before.any(|part| {
        let sends =
            ["get", "post", "put", "patch", "delete", "head", "request", "send", "stream", "create", "retrieve"];
        sends.iter().any(|verb| part.strip_prefix(verb).is_some_and(|rest| rest.is_empty() || rest == "_async"))
            || matches!(part, "json" | "headers" | "to_dict" | "text" | "content")
    })
}

/// Whether a call is awaited until somebody else's service answers.
pub(super) fn is_outside(path: &str) -> bool {
    let path = &path.replace("()", "");
    let top = path.split('.').next().unwrap_or_default();
    let last = path.rsplit('.').next().unwrap_or_default();
    let verb = matches!(last, "get" | "post" | "put" | "patch" | "delete" | "head" | "request" | "send" | "stream");
    if is_of_answer(path) {
        return false;
    }
    match top {
        "httpx" => verb && path.contains("AsyncClient"),
        "aiohttp" => verb && path.contains("ClientSession"),
        "openai" | "anthropic" => matches!(last, "create" | "parse") && path.contains("Async"),
        "litellm" => matches!(last, "acompletion" | "aembedding" | "aresponses"),
        "slack_sdk" => path.contains("AsyncWebClient") && last.contains('_'),
        "aiosmtplib" => last == "send",
        _ => false,
    }
}

/// Whether a method of a client of AWS asks it: clients, their settings and signed addresses are made in the process.
fn is_request_to_aws(method: &str) -> bool {
    method.starts_with(char::is_lowercase)
        && !matches!(
            method,
            "client"
                | "resource"
                | "session"
                | "get_session"
                | "create_client"
                | "setup_default_session"
                | "get_paginator"
                | "get_waiter"
                | "can_paginate"
                | "generate_presigned_url"
                | "generate_presigned_post"
                | "get_available_services"
                | "get_available_regions"
                | "register"
                | "close"
        )
}

/// Whether what is made by calling this is followed by its path, so that its methods are known.
pub(super) fn is_client(path: &str) -> bool {
    let top = path.split('.').next().unwrap_or_default();
    matches!(
        top,
        "requests"
            | "httpx"
            | "aiohttp"
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
            | "social_core"
            | "slack_sdk"
            | "supabase"
            | "minio"
            | "psycopg"
            | "urllib"
    )
}
