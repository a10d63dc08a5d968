//! What AWS says no with, in words that name the permission or the setting.

use std::error::Error;
use std::fmt::Write as _;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use event::CollectError;

/// Characters of a reason that are shown.
const LONGEST: usize = 400;

/// What was asked of AWS.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    /// The permission that it takes: `s3:GetObject`.
    pub(crate) permission: &'static str,
    /// The bucket, object or queue.
    pub(crate) place: &'a str,
}

/// How a call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The permission is missing.
    Denied,
    /// There is no such object.
    NoKey,
    /// The object is another one by now.
    Changed,
    /// The object is in an archive.
    Archived,
    /// There is no such bucket or queue.
    NoPlace,
    /// It is in another region.
    Region,
    /// Temporary credentials are over.
    Expired,
    /// The credentials are none, or not known.
    Credentials,
    /// The clock is wrong.
    Clock,
    /// The handle of a message is not good any more.
    Handle,
    /// It may pass.
    Passing,
}

/// Tells the kinds apart.
pub(crate) fn kind<E>(error: &SdkError<E>) -> Kind
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let status = error.raw_response().map(|response| response.status().as_u16());
    let code = error.code().unwrap_or_default();
    match (code.rsplit('#').next().unwrap_or(code), status) {
        ("NoSuchKey", _) => Kind::NoKey,
        ("PreconditionFailed", _) | (_, Some(412)) => Kind::Changed,
        ("InvalidObjectState", _) => Kind::Archived,
        ("NoSuchBucket" | "NoSuchAccessPoint" | "InvalidBucketName", _) => Kind::NoPlace,
        ("QueueDoesNotExist" | "AWS.SimpleQueueService.NonExistentQueue" | "InvalidAddress", _) => {
            Kind::NoPlace
        }
        ("ReceiptHandleIsInvalid" | "MessageNotInflight" | "InvalidParameterValue", _) => Kind::Handle,
        ("AWS.SimpleQueueService.MessageNotInflight", _) => Kind::Handle,
        ("PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException", _)
        | (_, Some(301 | 307)) => Kind::Region,
        ("ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired", _) => Kind::Expired,
        ("RequestTimeTooSkewed" | "RequestExpired" | "InvalidSignatureException", _) if is_clock(error) => {
            Kind::Clock
        }
        (
            "InvalidAccessKeyId"
            | "InvalidClientTokenId"
            | "UnrecognizedClientException"
            | "SignatureDoesNotMatch"
            | "InvalidSignatureException"
            | "InvalidToken"
            | "InvalidSecurity"
            | "MissingAuthenticationToken"
            | "MissingSecurityHeader",
            _,
        ) => Kind::Credentials,
        ("RequestTimeout" | "SlowDown" | "Throttling" | "RequestThrottled", _) => Kind::Passing,
        ("AccessDenied" | "AccessDeniedException" | "AllAccessDisabled" | "AccountProblem", _) => {
            Kind::Denied
        }
        (code, _) if code.contains("KMS") || code.contains("Kms") => Kind::Denied,
        (_, Some(401 | 403)) => Kind::Denied,
        (_, Some(404)) => Kind::NoKey,
        (_, None) if lacks_credentials(error) => Kind::Credentials,
        (_, None) if matches!(error, SdkError::ConstructionFailure(_)) => Kind::Region,
        _ => Kind::Passing,
    }
}

fn is_clock<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    error.code() == Some("RequestTimeTooSkewed")
        || error
            .message()
            .is_some_and(|message| message.contains("expired") || message.contains("not yet current"))
}

/// The error for whoever runs the source.
pub(crate) fn trouble<E>(asked: Asked<'_>, error: &SdkError<E>) -> CollectError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let Asked { permission, place } = asked;
    let says = says(error);
    let cure = match kind(error) {
        Kind::Passing if is_unreachable(error) => {
            return CollectError::Retry(format!(
                "{place} can not be reached: {says}; check endpoint, region, network and proxy_url"
            ));
        }
        Kind::Passing | Kind::Changed | Kind::Handle => {
            return CollectError::Retry(format!("{place} does not answer as it should: {says}"));
        }
        Kind::Denied if permission == "s3:GetObject" => {
            "access is denied: allow s3:GetObject on the objects (and s3:ListBucket on the bucket, without which an \
             object that is gone is answered so too; and kms:Decrypt where they are encrypted with a key of your own)"
                .to_owned()
        }
        Kind::Denied => format!("access is denied: allow {permission} for these credentials"),
        Kind::NoKey | Kind::NoPlace | Kind::Archived => {
            "is not there: check its name, the account and the region".to_owned()
        }
        Kind::Region => "is not in the region that is asked, or none is known: set region".to_owned(),
        Kind::Expired => {
            "the session token has expired: put a new one, with its keys, where the old one stands".to_owned()
        }
        Kind::Credentials => {
            "there are no credentials that AWS knows: check access_key_id and secret_access_key, the profile, or the \
             role of this machine"
                .to_owned()
        }
        Kind::Clock => "the clock of this machine is wrong: set it".to_owned(),
    };
    CollectError::Fatal(format!("{place}: {cure} ({says})"))
}

/// The code and the words of an error, without what only debugging needs.
pub(crate) fn says<E>(error: &SdkError<E>) -> String
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let mut text = String::new();
    match (error.code(), error.message()) {
        (Some(code), Some(message)) => text = format!("{code}: {message}"),
        (Some(code), None) => text.push_str(code),
        (None, _) => {
            let status = error.raw_response().map(|response| response.status().as_u16());
            if let Some(status) = status {
                text = format!("HTTP status {status}");
            }
            if status.is_none_or(|status| status < 400) {
                text.push_str(if text.is_empty() { "" } else { ": " });
                text.push_str(&chain(error));
            }
        }
    }
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST).collect()
}

/// An error and its causes, without saying one twice.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let words = error.to_string();
        if !text.contains(&words) {
            // Writing to a text can not fail.
            let _written = write!(text, ": {words}");
        }
        cause = error.source();
    }
    text
}

/// Whether no connection came about; what is slow once there is one is none of it.
fn is_unreachable<E>(error: &SdkError<E>) -> bool {
    matches!(error, SdkError::DispatchFailure(failure) if failure.is_io())
}

fn lacks_credentials(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<CredentialsError>() {
            return true;
        }
        cause = error.source();
    }
    false
}
