public import Contracts
public import JSON

/// One ERP or marketplace channel.
public struct ChannelAggregate: DefaultInitializable, Equatable {
    /// The channel's row as it was last published; version 0: there is none.
    public var row = ChannelRow(channelId: "", name: "", platform: "", state: .created, version: 0)
    public var platform = Platform.pinduoduo
    public var company: String?
    public var contact: ChannelContact?
    /// The application of a platform without consent.
    public var application: PartnerApplication?
    public var life = TokenLife()
    /// Authorization id of the consent under way, while the row names the one in force.
    public var beginning: String?
    /// Every authorization that was begun for it, newest last.
    public var authorizations: [String] = []
    public var downloads: ChannelDownloads?
    public init() {}
    public static let fields = Fields<ChannelAggregate>(
        Field("row", \.row), Field("platform", \.platform), Field("company", \.company), Field("contact", \.contact),
        Field("application", \.application), Field("life", \.life), Field("beginning", \.beginning),
        Field("authorizations", \.authorizations), Field("downloads", \.downloads))

    public enum Phase: String, CaseIterable {
        case none, created, requested, exchanging, active, suspended
    }

    /// Where it is; a consent that is asked for anew counts only while the channel is not active.
    public var phase: Phase {
        if row.version == 0 { return .none }
        if row.state == .active { return .active }
        if let consent = life.consent { return consent.completing == nil ? .requested : .exchanging }
        return row.state == .suspended ? .suspended : .created
    }

    /// Key of its commands and events.
    public var account: String { PartnerAccount.key(ofChannel: row.channelId) }
    var owner: Actor {
        row.factoryShopId.map { Actor(.factory, $0) } ?? Actor(.merchant, row.merchantShopId ?? "")
    }
}
