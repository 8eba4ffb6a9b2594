public import Contracts
public import Credentials
import Machines
public import Partners
public import Runtime
public import Threads

/// Access to channels' marketplaces and ERPs: finds the row, credential and client that every call needs.
public struct ChannelAccess: Sendable {
    /// A shop at a marketplace that may be asked now.
    public struct Shop: Sendable {
        public let row: ChannelRow
        public let credential: LoadedCredential
        public let gateway: PinduoduoGateway
        public let token: String
    }

    /// An ERP that may be asked now.
    public struct ERP: Sendable {
        public let row: ChannelRow
        public let credential: LoadedCredential
        public let gateway: JackyunGateway
        public let application: JackyunGateway.Application
    }

    private let environment: PartnerEnvironment

    public init(_ environment: PartnerEnvironment) { self.environment = environment }

    public var clock: ServiceClock { environment.clock }

    /// Access to the channel's shop at its marketplace.
    /// - Throws: the reason for which a call has to wait.
    public func shop(_ channelId: String) throws(EffectRetry) -> Shop {
        let (row, credential) = try open(channelId)
        guard let token = credential.credential.accessToken else {
            throw EffectRetry(.noCredential, "the credential of channel \(channelId) holds no token yet")
        }
        let gateway = environment.pinduoduo(credential.credential)
        return Shop(row: row, credential: credential, gateway: gateway, token: token)
    }

    /// Access to the channel's ERP.
    /// - Throws: the reason for which a call has to wait.
    public func erp(_ channelId: String) throws(EffectRetry) -> ERP {
        let (row, credential) = try open(channelId)
        let gateway = JackyunGateway(
            url: environment.partners.jackyunGatewayURL, sender: environment.http, timeout: environment.partners.jackyunTimeout,
            control: environment.control(
                "jackyun", JackyunGateway.rates, environment.partners.jackyunRates, environment.partners.jackyunQuotaCodes),
            now: { [clock] in clock.now })
        return ERP(
            row: row, credential: credential, gateway: gateway,
            application: .init(
                appKey: credential.credential.appKey, appSecret: credential.credential.appSecret, token: credential.credential.accessToken))
    }

    private func open(_ channelId: String) throws(EffectRetry) -> (ChannelRow, LoadedCredential) {
        guard let row = environment.tables.channel(channelId) else {
            throw EffectRetry(.noChannel, "channel \(channelId) is not in \(Table.channels.topic)")
        }
        guard row.state != .suspended else {
            throw EffectRetry(.suspended, "the consent for channel \(channelId) has expired: it has to be given anew")
        }
        guard let authorizationId = row.authorizationId, let credential = environment.credential(authorizationId) else {
            throw EffectRetry(.noCredential, "there is no credential for channel \(channelId) yet")
        }
        return (row, credential)
    }
}

/// Why a channel cannot be asked: a person has to do something, or authorization is about to.
public enum ClosedChannel: String, Sendable, CaseIterable {
    case noChannel = "no-channel"
    case noCredential = "no-credential"
    case suspended
}

extension EffectRetry {
    init(_ closed: ClosedChannel, _ detail: String) { self.init(closed.rawValue, detail) }

    /// Whether the channel does not exist (any more).
    public var isOfNoChannel: Bool { reason == ClosedChannel.noChannel.rawValue }

    /// Whether the call waits for a consent, and not for the partner.
    public var awaitsConsent: Bool { ClosedChannel(rawValue: reason) != nil || reason == PartnerError.Kind.tokenInvalid.rawValue }
}
