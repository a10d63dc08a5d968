//! Names of months and days in a locale.

/// The names that a pattern's text fields read and write.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    /// January first.
    pub(super) months: [String; 12],
    pub(super) short_months: [String; 12],
    /// Monday first.
    pub(super) days: [String; 7],
    pub(super) short_days: [String; 7],
    pub(super) halves: [String; 2],
}

impl Names {
    /// English.
    pub(crate) fn english() -> Self {
        let months = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        let days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
        Self {
            short_months: months.map(|name| name[..3].to_owned()),
            months: months.map(str::to_owned),
            short_days: days.map(|name| name[..3].to_owned()),
            days: days.map(str::to_owned),
            halves: ["AM", "PM"].map(str::to_owned),
        }
    }

    /// Java's `Locale.ROOT`, in which results are written whatever the locale of the input: short English names alone.
    pub(crate) fn root() -> Self {
        let english = Self::english();
        Self { months: english.short_months.clone(), days: english.short_days.clone(), ..english }
    }

    /// The names of a locale, `en`, `de`, `fr_CA` or `pt-BR` for instance.
    pub(crate) fn of(locale: &str) -> Result<Self, String> {
        let tag = locale.replace('-', "_");
        let (language, region) = tag.split_once('_').unwrap_or((&tag, ""));
        let language = language.to_ascii_lowercase();
        match language.as_str() {
            "" | "root" => return Ok(Self::root()),
            "en" | "english" => return Ok(Self::english()),
            _ => {}
        }
        let exact = format!("{language}_{}", region.to_ascii_uppercase());
        let default = format!("{language}_{}", default_region(&language));
        [exact, default]
            .iter()
            .find_map(|name| pure_rust_locales::Locale::try_from(name.as_str()).ok())
            .map(Self::from_locale)
            .ok_or_else(|| format!("Unknown locale [{locale}]"))
    }

    fn from_locale(locale: pure_rust_locales::Locale) -> Self {
        use pure_rust_locales::locale_match;
        let months: &[&str] = locale_match!(locale => LC_TIME::MON);
        let short_months: &[&str] = locale_match!(locale => LC_TIME::ABMON);
        let days: &[&str] = locale_match!(locale => LC_TIME::DAY);
        let short_days: &[&str] = locale_match!(locale => LC_TIME::ABDAY);
        let name = |names: &[&str], at: usize| names.get(at).copied().unwrap_or_default().trim().to_owned();
        Self {
            months: std::array::from_fn(|at| name(months, at)),
            short_months: std::array::from_fn(|at| name(short_months, at)),
            // The C library counts from Sunday.
            days: std::array::from_fn(|at| name(days, (at + 1) % 7)),
            short_days: std::array::from_fn(|at| name(short_days, (at + 1) % 7)),
            ..Self::english()
        }
    }
}

/// The region that the C library's locales have for a language, where it is not the language's own letters.
fn default_region(language: &str) -> String {
    let region = match language {
        "cs" => "CZ",
        "da" => "DK",
        "el" => "GR",
        "he" => "IL",
        "hi" => "IN",
        "ja" => "JP",
        "ko" => "KR",
        "nb" | "nn" | "no" => "NO",
        "sv" => "SE",
        "uk" => "UA",
        "vi" => "VN",
        "zh" => "CN",
        own => return own.to_ascii_uppercase(),
    };
    region.to_owned()
}
