import Contracts
import Credentials
import JSON
import Machines
import PartnerEffects
import Partners
import Runtime
import StateMachines
import Threads

/// Where the partner of a warehouse is asked: what every call needs before it can be made.
struct WarehouseAccess: Sendable {
    /// A warehouse whose partner may be asked now.
    struct OpenedWarehouse {
        var row: WarehouseRow
        var link: JDLink
        var credential: LoadedCredential
        /// Outbound orders and stock.
        var outbound: any JDOutbound
        var inbound: ECLPWarehouse
    }

    let environment: PartnerEnvironment
    let inquiry: OutcomeInquiry
    private let clients: JDClients

    init(_ environment: PartnerEnvironment) {
        self.environment = environment
        inquiry = OutcomeInquiry(environment)
        clients = environment.jd()
    }

    /// - Returns: nil when the warehouse is closed: nobody can be asked any more.
    /// - Throws: why it has to wait.
    func open(_ warehouseId: String) throws(EffectRetry) -> OpenedWarehouse? {
        guard let row = environment.tables.warehouse(warehouseId) else {
            throw EffectRetry("no-warehouse", "warehouse \(warehouseId) is not in \(Table.warehouses.topic) yet")
        }
        switch row.state {
        case .closed: return nil
        case .suspended: throw EffectRetry("suspended", "the consent for warehouse \(warehouseId) has expired: it has to be given anew")
        case .active: break
        }
        guard let loaded = environment.credential(row.authorizationId), let token = loaded.credential.accessToken else {
            throw EffectRetry("no-credential", "there is no credential for \(row.authorizationId) yet")
        }
        guard let api = JDAPI(rawValue: row.api) else {
            throw EffectRetry("not-supported", "warehouse \(warehouseId) is reached by \(row.api), which this version does not speak")
        }
        let credential = JDCredential(
            appKey: loaded.credential.appKey, appSecret: loaded.credential.appSecret, accessToken: token)
        let link = JDLink(row, isvSource: environment.partners.jdISVSource)
        return OpenedWarehouse(
            row: row, link: link, credential: loaded, outbound: clients.outbound(api, credential, link),
            inbound: clients.inbound(credential, link))
    }

    /// Attempts of one poll: enough that a token that is refused is reported, and a short failure passes. Then the machine's pauses count,
    /// which are longer and come to an end.
    private static let pollAttempts = 5

    static func isTriedEnough(_ attempt: EffectAttempt) -> Bool { attempt.number + 1 >= pollAttempts }

    /// The partner's number of an order, which it is asked by from now on.
    /// - Throws: when it cannot be one: as good as no answer, the partner is asked again.
    static func kept(_ number: String) throws(EffectRetry) -> String {
        guard TextRule.id.allows(number) else {
            throw EffectRetry("number-unreadable", "the partner's answer has no order number of 1 to 200 bytes", mayHaveRun: true)
        }
        return number
    }

    func isSubscribed(_ warehouseId: String) -> Bool { environment.tables.warehouse(warehouseId)?.messageSubscription == true }
}

extension PartnerRefusal {
    /// A partner's final refusal, in the machine's words.
    init(_ error: PartnerError) { self.init(code: error.code, field: error.field, reason: error.message) }
}
