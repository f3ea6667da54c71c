//! Types as Pydantic validates and serialises them, and what an API document says of a path operation.
//!
//! Everything is decided here as far as the program decides it; how a document spells it is the business of a view.

use architect_source::Location;
use serde_json::{Map, Value as Json};

/// Keywords of a JSON schema, or the arguments of a constraint.
pub type Keywords = Map<String, Json>;

/// A type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// Anything goes.
    Any,
    /// `None`.
    Null,
    /// A type without parts.
    Scalar(Scalar),
    /// One of several values.
    Literal(Vec<Json>),
    /// A class with a definition of its own: an index into [`crate::Service::schemas`].
    Reference(usize),
    /// `list`, `set`, `frozenset`, `Sequence` and the like.
    Array {
        /// The items.
        items: Box<Type>,
        /// Whether no item comes twice.
        unique: bool,
    },
    /// A tuple of fixed length.
    Tuple(Vec<Type>),
    /// A mapping.
    Object {
        /// The keys.
        keys: Box<Type>,
        /// The values.
        values: Box<Type>,
    },
    /// One of several types.
    Union {
        /// The types, in order.
        members: Vec<Type>,
        /// What tells which.
        discriminator: Option<Discriminator>,
    },
    /// A type with constraints (`gt`, `max_length`, …) and annotations (`title`, `description`, …).
    Annotated {
        /// The type.
        inner: Box<Type>,
        /// The arguments of `Field` that say something about the values.
        facts: Keywords,
    },
    /// A type that is written as another.
    Serialized {
        /// What is read.
        inner: Box<Type>,
        /// What is written.
        output: Box<Type>,
    },
    /// A schema that the program gives itself.
    Given(Keywords),
    /// A type that documents leave out.
    Hidden,
    /// Not known, and why.
    Unknown(String),
}

/// What tells the members of a union apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Discriminator {
    /// A field of each, by its name in Python.
    Field(String),
    /// A function.
    Function,
}

/// A type without parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Scalar {
    Boolean,
    Integer,
    Number,
    String,
    Bytes,
    Decimal,
    DateTime,
    Date,
    Time,
    Duration,
    Uuid,
    Uuid1,
    Uuid3,
    Uuid4,
    Uuid5,
    Uri,
    /// A URL of limited length, as `HttpUrl`.
    HttpUri,
    MultiHostUri,
    Email,
    NameEmail,
    Path,
    FilePath,
    DirectoryPath,
    Ipv4Address,
    Ipv6Address,
    IpAnyAddress,
    Password,
    SecretBytes,
    Pattern,
    Json,
    /// An uploaded file.
    Binary,
    /// An object of any form, `dict` without arguments.
    Object,
    /// A list of anything, `list` without arguments.
    Array,
    Callable,
}

/// A class with a definition of its own.
#[derive(Clone, Debug)]
pub struct Schema {
    /// `__name__`, with its arguments for a generic model.
    pub name: String,
    /// `module.qualname`.
    pub qualified: String,
    /// What it is.
    pub kind: SchemaKind,
    /// Its title, where it is not its name.
    pub title: Option<String>,
    /// Its docstring, cleaned.
    pub description: Option<String>,
    /// Its fields in order.
    pub fields: Vec<Field>,
    /// `extra=` of its configuration: `forbid` or `allow`.
    pub extra: Option<String>,
    /// Values of an enumeration.
    pub values: Vec<Json>,
    /// The type of a root model.
    pub root: Option<Type>,
    /// `json_schema_extra`.
    pub keywords: Keywords,
    /// Whether fields with defaults are always there when it is serialised.
    pub defaults_required: bool,
    /// What a serializer of the whole class makes of it.
    pub serialized: Option<Type>,
    /// `ser_json_*` and `val_json_*` of its configuration.
    pub encodings: Encodings,
    /// Where it is defined.
    pub location: Option<Location>,
    /// What about it is not known.
    pub unknown: Option<String>,
}

/// How a model reads and writes types that JSON does not have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Encodings {
    /// Bytes are sent as base64.
    pub base64_input: bool,
    /// Bytes are answered as base64.
    pub base64_output: bool,
    /// Durations are answered as seconds.
    pub seconds: bool,
}

/// What a class with a definition is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemaKind {
    /// A Pydantic model.
    Model,
    /// A dataclass.
    Dataclass,
    /// A typed dictionary.
    TypedDict,
    /// An enumeration.
    Enum,
}

/// A field of a model, or a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name in Python.
    pub name: String,
    /// Its name when it is read.
    pub alias: String,
    /// Its name when it is written.
    pub serialization_alias: String,
    /// Its type.
    pub ty: Type,
    /// Its type when it is written, where a serializer changes that.
    pub serialized: Option<Type>,
    /// Whether it has to be given.
    pub required: bool,
    /// Its default, where it is a known value.
    pub default: Option<Json>,
    /// `title`, `description`, `examples`, `deprecated` and what else `Field` says that is no constraint.
    pub facts: Keywords,
    /// Whether it is computed when the model is written.
    pub computed: bool,
    /// Whether it is left out when the model is written.
    pub excluded: bool,
}

/// What an API document says of a path operation.
#[derive(Clone, Debug, Default)]
pub struct Operation {
    /// `summary=`, else the name in words.
    pub summary: String,
    /// `description=`, else the docstring.
    pub description: Option<String>,
    /// `response_description=`.
    pub response_description: String,
    /// Parameters outside the body: place (`path`, `query`, `header`, `cookie`) and field, in the order of a document.
    pub parameters: Vec<(&'static str, Field)>,
    /// The body's fields.
    pub body: Vec<BodyField>,
    /// What it answers; nothing where it is not validated.
    pub response: Option<Type>,
    /// Media type of the response; nothing for a response without one.
    pub media_type: Option<String>,
    /// Whether the response is JSON.
    pub json: bool,
    /// What an endpoint that yields streams.
    pub stream: Option<Stream>,
    /// The status code of the response class, where it is not 200.
    pub default_status: Option<u16>,
    /// `responses=`: status code, model, and the rest.
    pub responses: Vec<(String, Option<Type>, Keywords)>,
    /// Security schemes: name, definition, scopes.
    pub security: Vec<(String, Json, Vec<String>)>,
    /// `openapi_extra=`.
    pub extra: Keywords,
    /// Whether the document needs the answer to invalid requests.
    pub validates: bool,
    /// Callbacks: name, path, methods, operation.
    pub callbacks: Vec<Callback>,
}

/// What an endpoint that yields answers.
#[derive(Clone, Debug)]
pub enum Stream {
    /// Server-sent events, with what their data hold.
    Events(Option<Type>),
    /// JSON lines, with what each holds.
    Lines(Option<Type>),
}

/// A path operation of somebody else that is called back.
#[derive(Clone, Debug)]
pub struct Callback {
    /// The name of the function.
    pub name: String,
    /// The path, an expression.
    pub path: String,
    /// The methods.
    pub methods: Vec<String>,
    /// Tags, id and whether it is deprecated.
    pub tags: Vec<String>,
    /// Its id.
    pub operation_id: Option<String>,
    /// Whether it is deprecated.
    pub deprecated: bool,
    /// Its status code.
    pub status_code: Option<u16>,
    /// The operation.
    pub operation: Operation,
}

/// A field of a request body.
#[derive(Clone, Debug)]
pub struct BodyField {
    /// The field.
    pub field: Field,
    /// `body`, `form` or `file`.
    pub kind: &'static str,
    /// `embed=`.
    pub embed: bool,
    /// `media_type=`.
    pub media_type: String,
    /// How far it is a model that may be the whole form.
    pub model: FormModel,
}

/// Whether the fields of a form parameter are fields of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormModel {
    /// It is no model.
    No,
    /// It is a model class.
    Whole,
    /// A model that may be left out, or one of several.
    Part,
}

/// What a document says beside its operations.
#[derive(Clone, Debug, Default)]
pub struct DocumentFacts {
    /// `info`: title, version, summary, description, contact, license, terms of service.
    pub info: Keywords,
    /// Other keys at the top: servers, tags, external documentation.
    pub top: Keywords,
    /// `openapi_version`.
    pub openapi_version: String,
    /// `separate_input_output_schemas=`.
    pub separate: bool,
    /// Security schemes that the program adds.
    pub schemes: Keywords,
    /// Webhooks.
    pub webhooks: Vec<Callback>,
    /// Why the document is not what is described here, where the program replaces it.
    pub replaced: Option<String>,
}
