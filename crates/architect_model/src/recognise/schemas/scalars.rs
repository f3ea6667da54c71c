//! Types of the standard library and of Pydantic, by their dotted names.

use serde_json::Value as Json;

use crate::schema::{Keywords, Scalar, Type};

/// A type by its dotted name.
pub(super) fn external_type(path: &str) -> Type {
    let with = |scalar, name: &str, value: i64| {
        let mut facts = Keywords::new();
        facts.insert(name.to_owned(), Json::from(value));
        Type::Annotated { inner: Box::new(Type::Scalar(scalar)), facts }
    };
    let scalar = match path.rsplit('.').next().unwrap_or(path) {
        "bool" | "StrictBool" => Scalar::Boolean,
        "int" | "StrictInt" => Scalar::Integer,
        "float" | "StrictFloat" | "FiniteFloat" => Scalar::Number,
        "str" | "StrictStr" | "LiteralString" => Scalar::String,
        "bytes" | "StrictBytes" | "bytearray" => Scalar::Bytes,
        "Decimal" => Scalar::Decimal,
        "datetime" | "AwareDatetime" | "NaiveDatetime" | "PastDatetime" | "FutureDatetime" => Scalar::DateTime,
        "date" | "PastDate" | "FutureDate" => Scalar::Date,
        "time" => Scalar::Time,
        "timedelta" => Scalar::Duration,
        "UUID" => Scalar::Uuid,
        "UUID1" => Scalar::Uuid1,
        "UUID3" => Scalar::Uuid3,
        "UUID4" => Scalar::Uuid4,
        "UUID5" => Scalar::Uuid5,
        "AnyUrl" | "AnyWebsocketUrl" | "FileUrl" | "FtpUrl" => Scalar::Uri,
        "HttpUrl" | "AnyHttpUrl" | "WebsocketUrl" => {
            if path.ends_with("AnyHttpUrl") {
                Scalar::Uri
            } else {
                Scalar::HttpUri
            }
        }
        "PostgresDsn" | "NatsDsn" | "MongoDsn" | "KafkaDsn" | "CockroachDsn" => Scalar::MultiHostUri,
        "RedisDsn" | "AmqpDsn" | "MySQLDsn" | "MariaDBDsn" | "ClickHouseDsn" | "SnowflakeDsn" => Scalar::Uri,
        "EmailStr" => Scalar::Email,
        "NameEmail" => Scalar::NameEmail,
        "Path" | "PurePath" | "PosixPath" | "PurePosixPath" | "PathLike" => Scalar::Path,
        "FilePath" => Scalar::FilePath,
        "DirectoryPath" => Scalar::DirectoryPath,
        "IPv4Address" => Scalar::Ipv4Address,
        "IPv6Address" => Scalar::Ipv6Address,
        "IPvAnyAddress" => Scalar::IpAnyAddress,
        "SecretStr" => Scalar::Password,
        "SecretBytes" => Scalar::SecretBytes,
        "Pattern" => Scalar::Pattern,
        "Json" => Scalar::Json,
        "dict" | "Dict" | "Mapping" | "MutableMapping" | "DefaultDict" | "OrderedDict" => Scalar::Object,
        "list" | "List" | "Sequence" | "Iterable" | "tuple" | "Tuple" | "deque" => Scalar::Array,
        "set" | "Set" | "frozenset" | "FrozenSet" => {
            return Type::Array { items: Box::new(Type::Any), unique: true };
        }
        "Any" | "object" => return Type::Any,
        "None" | "NoneType" => return Type::Null,
        "PositiveInt" => return with(Scalar::Integer, "gt", 0),
        "NegativeInt" => return with(Scalar::Integer, "lt", 0),
        "NonNegativeInt" => return with(Scalar::Integer, "ge", 0),
        "NonPositiveInt" => return with(Scalar::Integer, "le", 0),
        "PositiveFloat" => return with(Scalar::Number, "gt", 0),
        "NegativeFloat" => return with(Scalar::Number, "lt", 0),
        "NonNegativeFloat" => return with(Scalar::Number, "ge", 0),
        "NonPositiveFloat" => return with(Scalar::Number, "le", 0),
        "Callable" | "type" | "Type" => Scalar::Callable,
        _ => return Type::Unknown(format!("`{path}` is not read")),
    };
    Type::Scalar(scalar)
}
