public import Contracts
public import Machines
public import Threads

/// The events of a channel: its state as a whole, and the outputs of the service.
public enum ChannelEvent: Publishable {
    /// Kept; its row is published when it changed.
    case kept(ChannelAggregate, row: ChannelRow?)
    /// On the events topic, under the channel's key; origin nil: it answers what is being handled.
    case announced(any Message, account: String, origin: Origin?)
    /// A `complete` or `refresh` that waited is refused after all.
    case refused(Refusal, origin: Origin)
    case credential(CredentialRow)
    case credentialGone(authorizationId: String, ServiceName)
    case exchange(ExchangeChannelCode)
    case refresh(RefreshChannelToken, due: Timestamp, origin: Origin)
    case ends(ChannelTokenEnds, due: Timestamp, origin: Origin)
    case seal(SealChannelCredential, origin: Origin)
    case dropped(effectId: String)
    case download(ChannelDownloads.Step)

    public func publish(to outbox: some Outbox) {
        switch self {
        case .kept(_, let row): if let row { outbox.row(row) }
        case .announced(let message, let account, let origin): outbox.event(message, key: account, origin: origin)
        case .refused(let refusal, let origin): outbox.refuse(refusal, origin: origin)
        case .credential(let row): outbox.row(row)
        case .credentialGone(let authorizationId, let service):
            outbox.removeRow(CredentialRow.key(authorizationId, service), of: .credentials)
        case .exchange(let effect): outbox.schedule(effect)
        case .refresh(let effect, let due, let origin): outbox.schedule(effect, due: due, origin: origin)
        case .ends(let effect, let due, let origin): outbox.schedule(effect, due: due, origin: origin)
        case .seal(let effect, let origin): outbox.schedule(effect, due: nil, origin: origin)
        case .dropped(let effectId): outbox.cancelEffect(effectId)
        case .download(let step): step.publish(to: outbox)
        }
    }
}

extension ChannelMachine {
    public static func evolve(_ state: inout ChannelAggregate, _ event: ChannelEvent) {
        switch event {
        case .kept(let changed, _): state = changed
        case .download(let step):
            var downloads = state.downloads ?? ChannelDownloads()
            downloads.apply(step)
            state.downloads = downloads
        default: break
        }
    }
}
