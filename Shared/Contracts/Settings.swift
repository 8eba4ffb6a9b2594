/// What decisions need to know of how the system is set up; the same for every message of a process.
public final class Settings: Sendable {
    /// Seconds for which a consent may be completed.
    public let consentTTL: Int
    /// Where partners' callbacks come in, without a slash at the end.
    public let publicURL: String
    /// Seconds from one download of orders to the next.
    public let orderDownloadInterval: Int
    /// Seconds that the end of a download's window stays behind the partner's clock.
    public let orderDownloadLag: Int
    /// Seconds that the first download reaches back.
    public let orderDownloadHistory: Int
    /// Seconds from one reconciling poll of a status to the next.
    public let statusPollInterval: Int
    /// Seconds from one pull of stock to the next.
    public let stockInterval: Int
    /// Seconds for which a shipped number is told to a marketplace or an ERP that does not take it.
    public let uploadPatience: Int
    /// Seconds from one question for the numbers that a factory's ERP has shipped to the next.
    public let numberFetchInterval: Int
    /// Seconds after shipping for which recipients are kept.
    public let recipientRetention: Int

    public init(
        consentTTL: Int = 600, publicURL: String = "http://127.0.0.1:8080", orderDownloadInterval: Int = 60, orderDownloadLag: Int = 180,
        orderDownloadHistory: Int = 604_800, statusPollInterval: Int = 600, stockInterval: Int = 900, uploadPatience: Int = 3600,
        numberFetchInterval: Int = 60,
        recipientRetention: Int = 30 * 86_400
    ) {
        self.consentTTL = consentTTL
        self.publicURL = publicURL
        self.orderDownloadInterval = orderDownloadInterval
        self.orderDownloadLag = orderDownloadLag
        self.orderDownloadHistory = orderDownloadHistory
        self.statusPollInterval = statusPollInterval
        self.stockInterval = stockInterval
        self.uploadPatience = uploadPatience
        self.numberFetchInterval = numberFetchInterval
        self.recipientRetention = recipientRetention
    }

    public static let standard = Settings()
}

/// What a service can open of what was sealed for it. Deciding never sees what is inside.
public protocol SecretOpener: AnyObject, Sendable {
    /// Whether a key of this service opens it (contract, section 6).
    func opens(_ sealed: Sealed, info: String, aad: String) -> Bool
}

/// Opens nothing.
public final class NoSecrets: SecretOpener {
    public static let shared = NoSecrets()
    private init() {}
    public func opens(_ sealed: Sealed, info: String, aad: String) -> Bool { false }
}
