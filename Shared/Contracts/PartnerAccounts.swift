import JSON

/// The keys of authorization's commands: one account at a partner, or a channel.
public enum PartnerAccount {
    public static let channelPrefix = "channel:"

    /// `<provider>:<account>`; nil when nothing is left of the account, or it holds an invisible character: two accounts that look the same
    /// are the same.
    public static func key(_ provider: Provider, _ account: String) -> String? {
        let account = normalized(account)
        guard !account.isEmpty, VisibleText.isAll(account) else { return nil }
        return "\(provider.rawValue):\(account)"
    }

    public static func key(ofChannel channelId: String) -> String { channelPrefix + channelId }

    /// The provider and the account that a key names.
    public static func parts(_ key: String) -> (provider: Provider, account: String)? {
        guard let colon = key.firstIndex(of: ":"), let provider = Provider(rawValue: String(key[..<colon])) else { return nil }
        let account = String(key[key.index(after: colon)...])
        return account.isEmpty ? nil : (provider, account)
    }

    /// The account without white space around it, in NFC; upper and lower case are kept: they tell accounts apart.
    public static func normalized(_ account: String) -> String {
        var trimmed = account[...]
        while let first = trimmed.first, first.isWhitespace { trimmed.removeFirst() }
        while let last = trimmed.last, last.isWhitespace { trimmed.removeLast() }
        return ComposedText.composed(String(trimmed))
    }
}

extension Begin {
    /// The Kafka key that it must be sent under; nil while a field is missing that makes it.
    public var accountKey: String? {
        if let channelId { return PartnerAccount.key(ofChannel: channelId) }
        guard let provider, let pin else { return nil }
        return PartnerAccount.key(provider, pin)
    }
}
