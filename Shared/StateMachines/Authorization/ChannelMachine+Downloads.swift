import Contracts
import Machines

/// The download of a channel's orders.
extension ChannelMachine {
    /// The events for the download when the channel's policy, its authorization or its token has changed.
    /// - Parameter state: the channel after the change.
    static func downloads(_ state: State, _ context: Context) -> [Event] {
        (state.downloads ?? ChannelDownloads()).arranged(source(state), channelKey: state.account).map { .download($0) }
    }

    static func download(_ state: State, _ input: ChannelDownloads.Input, _ context: Context) -> [Event] {
        (state.downloads ?? ChannelDownloads()).steps(input, source(state), context).map { .download($0) }
    }

    /// nil: nothing is to be downloaded, or nothing can be.
    private static func source(_ state: State) -> DownloadSource? {
        guard state.platform == .pinduoduo, state.row.state == .active, let policy = state.row.policy, policy.downloadOrders,
            let grant = state.life.grant, let authorizationId = state.row.authorizationId
        else { return nil }
        var source = DownloadSource()
        source.channelId = state.row.channelId
        source.authorizationId = authorizationId
        source.token = grant.tokens.access
        source.tokenVersion = state.life.version
        source.owner = state.owner.id
        source.ownerIsFactory = state.owner.kind == .factory
        source.orderTypes = policy.orderTypes
        source.awaitsAudit = !policy.transferToAudit
        return source
    }
}
