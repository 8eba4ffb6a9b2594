public import Contracts
/// The part of a process's configuration that decisions may know; the same for every message.
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
    /// Seconds from one reconciling poll of a status to the next, where something has just changed.
    public let statusPollInterval: Int
    /// Seconds after which an order at a partner that has not come to an end is overdue, and polled no more.
    public let outboundPatience: Int
    /// Seconds from one pull of stock to the next.
    public let stockInterval: Int
    /// Seconds for which a partner that gives no answer is asked again before a person is told.
    public let patience: Int
    /// Seconds from one question for the numbers that a factory's ERP has shipped to the next.
    public let numberFetchInterval: Int
    /// Seconds for which a recipient is kept after the parcel was shipped.
    public let recipientRetention: Int
    /// How partners ask for a consent.
    public let consents: ConsentSettings

    public init(
        consentTTL: Int = 600, publicURL: String = "http://127.0.0.1:8080", orderDownloadInterval: Int = 60, orderDownloadLag: Int = 180,
        orderDownloadHistory: Int = 604_800, statusPollInterval: Int = 600, stockInterval: Int = 900, patience: Int = 3600,
        numberFetchInterval: Int = 60, recipientRetention: Int = 30 * 86_400,
        outboundPatience: Int = 30 * 86_400, consents: ConsentSettings = ConsentSettings()
    ) {
        self.consentTTL = consentTTL
        self.publicURL = publicURL
        self.orderDownloadInterval = orderDownloadInterval
        self.orderDownloadLag = orderDownloadLag
        self.orderDownloadHistory = orderDownloadHistory
        self.statusPollInterval = statusPollInterval
        self.outboundPatience = outboundPatience
        self.stockInterval = stockInterval
        self.patience = patience
        self.numberFetchInterval = numberFetchInterval
        self.recipientRetention = recipientRetention
        self.consents = consents
    }

    public static let standard = Settings()

    /// The same with other pages for consents.
    public func with(_ consents: ConsentSettings) -> Settings {
        Settings(
            consentTTL: consentTTL, publicURL: publicURL, orderDownloadInterval: orderDownloadInterval, orderDownloadLag: orderDownloadLag,
            orderDownloadHistory: orderDownloadHistory, statusPollInterval: statusPollInterval, stockInterval: stockInterval,
            patience: patience, numberFetchInterval: numberFetchInterval, recipientRetention: recipientRetention,
            outboundPatience: outboundPatience, consents: consents)
    }
}

/// Where partners' consent pages are, and under which keys the platform's own applications are known there.
public struct ConsentSettings: Sendable {
    public var jos = ConsentPage.nowhere
    public var isc = ConsentPage.nowhere
    public var pinduoduo = ConsentPage.nowhere
    /// nil: there is none.
    public var jdAppKey: String?
    public var pinduoduoAppKey: String?
    /// `isvSource` of warehouses that were begun without one.
    public var jdISVSource: String?
    public init() {}
}

/// A partner's page on which a person logs in and agrees.
public struct ConsentPage: Sendable {
    private let address: @Sendable (_ appKey: String, _ state: String, _ redirectURI: String) -> String

    public init(_ address: @escaping @Sendable (_ appKey: String, _ state: String, _ redirectURI: String) -> String) {
        self.address = address
    }

    /// Where to send the person's browser.
    public func url(appKey: String, state: String, redirectURI: String) -> String { address(appKey, state, redirectURI) }

    /// The page of nobody (RFC 2606 keeps the name free): for processes that ask for no consents.
    public static let nowhere = ConsentPage { appKey, state, redirectURI in
        func field(_ name: String, _ value: String) -> String { "\(name)=\(PercentEncoding.escape(value))" }
        return "https://consent.invalid/?"
            + [field("app_key", appKey), field("redirect_uri", redirectURI), field("state", state)].joined(separator: "&")
    }
}

/// Tells whether a service can open a text that was sealed for it. Decisions never see the plaintext.
public protocol SecretOpener: AnyObject, Sendable {
    /// Whether a key of this service opens it (contract, section 6).
    func opens(_ sealed: Sealed, info: String, aad: String) -> Bool
    /// A text that nobody can guess who has not this service's key, the same for the same purpose.
    func token(for purpose: String) -> String
}

/// A stub for tests: it opens nothing and its tokens are predictable. Never give it to a service.
public final class NoSecrets: SecretOpener {
    public static let shared = NoSecrets()
    private init() {}
    public func opens(_ sealed: Sealed, info: String, aad: String) -> Bool { false }
    public func token(for purpose: String) -> String { "token-for-\(purpose)" }
}
