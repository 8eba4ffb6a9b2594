public import Contracts
public import Machines
public import Threads

/// The events of an account: changes of its state, and the outputs of the service.
public enum AccountEvent: Publishable {
    case linked(AccountLink, account: String)
    /// A link of which nothing came is forgotten.
    case forgotten(authorizationId: String)
    case warehouse(WarehouseRow)
    /// On the events topic, under the account's key; origin nil: it answers what is being handled.
    case announced(any Message, account: String, origin: Origin?)
    /// A `complete` or `refresh` that waited is refused after all.
    case refused(Refusal, origin: Origin)
    case credential(CredentialRow)
    case credentialGone(authorizationId: String, ServiceName)
    case exchange(ExchangeCode)
    case verify(VerifyCodes)
    case refresh(RefreshToken, due: Timestamp, origin: Origin)
    case ends(TokenEnds, due: Timestamp, origin: Origin)
    case seal(SealCredential, origin: Origin)
    case claimed(OwnerClaim)
    case released(OwnerRelease)
    case dropped(effectId: String)

    public func publish(to outbox: some Outbox) {
        switch self {
        case .linked, .forgotten: break
        case .warehouse(let row): outbox.row(row)
        case .announced(let message, let account, let origin): outbox.event(message, key: account, origin: origin)
        case .refused(let refusal, let origin): outbox.refuse(refusal, origin: origin)
        case .credential(let row): outbox.row(row)
        case .credentialGone(let authorizationId, let service):
            outbox.removeRow(CredentialRow.key(authorizationId, service), of: .credentials)
        case .exchange(let effect): outbox.schedule(effect)
        case .verify(let effect): outbox.schedule(effect)
        case .refresh(let effect, let due, let origin): outbox.schedule(effect, due: due, origin: origin)
        case .ends(let effect, let due, let origin): outbox.schedule(effect, due: due, origin: origin)
        case .seal(let effect, let origin): outbox.schedule(effect, due: nil, origin: origin)
        case .claimed(let item): outbox.tell(item, shardOf: item.owner)
        case .released(let item): outbox.tell(item, shardOf: item.owner)
        case .dropped(let effectId): outbox.cancelEffect(effectId)
        }
    }
}

extension AccountMachine {
    public static func evolve(_ state: inout AccountState, _ event: AccountEvent) {
        switch event {
        case .linked(let link, let account):
            state.account = account
            if let place = state.links.firstIndex(where: { $0.authorizationId == link.authorizationId }) {
                state.links[place] = link
            } else {
                state.links.append(link)
            }
        case .forgotten(let authorizationId): state.links.removeAll { $0.authorizationId == authorizationId }
        case .warehouse(let row):
            if let place = state.warehouses.firstIndex(where: { $0.warehouseId == row.warehouseId }) {
                state.warehouses[place] = row
            } else {
                state.warehouses.append(row)
            }
        case .announced, .refused, .credential, .credentialGone, .exchange, .verify, .refresh, .ends, .seal, .claimed, .released, .dropped:
            break
        }
    }
}
