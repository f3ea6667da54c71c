//! What documents look like by the version of the libraries that write them: one method a difference.
//!
//! Source: the release notes of FastAPI (<https://fastapi.tiangolo.com/release-notes/>) and of Pydantic
//! (<https://docs.pydantic.dev/latest/changelog/>), and the sources of the versions named.

/// Major, minor and patch.
pub type Version = (u32, u32, u32);

/// Versions of the libraries that write a document; the newest where one is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// FastAPI.
    pub fastapi: Version,
    /// Pydantic.
    pub pydantic: Version,
}

impl Default for Dialect {
    fn default() -> Self {
        Self::of(None, None)
    }
}

impl Dialect {
    /// By the texts of versions.
    #[must_use]
    pub fn of(fastapi: Option<&str>, pydantic: Option<&str>) -> Self {
        let newest = (u32::MAX, 0, 0);
        Self {
            fastapi: fastapi.and_then(parse_version).unwrap_or(newest),
            pydantic: pydantic.and_then(parse_version).unwrap_or(newest),
        }
    }

    // --------------------------------------------------------------- Pydantic

    /// A literal or enumeration of one value has `const` and `enum`: before Pydantic 2.10. From then on a literal has
    /// `const` and an enumeration `enum`.
    #[must_use]
    pub fn const_and_enum(self) -> bool {
        self.pydantic < (2, 10, 0)
    }

    /// A mapping to anything says `additionalProperties: true`: from Pydantic 2.11 on.
    #[must_use]
    pub fn says_any_property(self) -> bool {
        self.pydantic >= (2, 11, 0)
    }

    /// A mapping says what its keys look like in `propertyNames`: from Pydantic 2.10 on.
    #[must_use]
    pub fn names_keys(self) -> bool {
        self.pydantic >= (2, 10, 0)
    }

    /// Decimals as text have a pattern: Pydantic 2.12 and 2.13.
    #[must_use]
    pub fn decimal_pattern(self) -> bool {
        self.pydantic >= (2, 12, 0) && self.pydantic < (2, 14, 0)
    }

    /// A reference to a definition that was simplified is simplified again when the definitions around it are: from
    /// Pydantic 2.13 on. Before, definitions that are alike keep two names when they are two steps away from a leaf.
    #[must_use]
    pub fn simplifies_again(self) -> bool {
        self.pydantic >= (2, 13, 0)
    }

    // ---------------------------------------------------------------- FastAPI

    /// The schema of a validation error names `input` and `ctx`: from FastAPI 0.128.1 on.
    #[must_use]
    pub fn error_with_input(self) -> bool {
        self.fastapi >= (0, 128, 1)
    }

    /// Files and bytes are `contentMediaType: application/octet-stream`, not `format: binary`: from FastAPI 0.129.1 on.
    #[must_use]
    pub fn octet_stream(self) -> bool {
        self.fastapi >= (0, 129, 1)
    }

    /// An endpoint that yields is a stream of JSON lines or of events: from FastAPI 0.134 on.
    #[must_use]
    pub fn streams(self) -> bool {
        self.fastapi >= (0, 134, 0)
    }

    /// Every model among the parameters stands for its fields, and form models may stand beside others: after FastAPI
    /// 0.141. Before, a model stands for its fields where it is the only parameter of its place.
    #[must_use]
    pub fn several_parameter_models(self) -> bool {
        self.fastapi >= (0, 142, 0)
    }
}

/// Major, minor and patch of a version; what follows the numbers does not count.
#[must_use]
pub fn parse_version(text: &str) -> Option<Version> {
    let mut parts = text.split('.');
    let number = |part: Option<&str>| {
        let digits: String = part?.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<u32>().ok()
    };
    Some((number(parts.next())?, number(parts.next())?, number(parts.next()).unwrap_or(0)))
}
