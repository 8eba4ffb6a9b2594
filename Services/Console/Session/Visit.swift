import Contracts
import Identity
import Texts

/// What is known of a request beside what it says itself.
struct Visit: Sendable {
    /// The language that the answer is in.
    var language: Language
    /// Where it comes from, behind trusted proxies too.
    var client: Client
    /// nil: nobody has shown who he is.
    var asker: Asker?
    /// A form of this page that comes back filled in.
    var kept: KeptForms.Kept?

    init(language: Language, client: Client) {
        self.language = language
        self.client = client
    }
}

/// Whoever asks, and for whom.
struct Asker: Sendable {
    /// nil: a token asks, and no person.
    var open: OpenSession?
    /// nil: the user has no shop yet, or has not said which of his several he means.
    var caller: Caller?
    /// What ties requests together that may share an `Idempotency-Key`: the user, or the token's subject.
    var name: String

    var isToken: Bool { open == nil }
}
