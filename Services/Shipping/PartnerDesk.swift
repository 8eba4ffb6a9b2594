import Contracts
import PartnerEffects
import Partners
import Runtime
import StateMachines

/// Where the partner of a warehouse is asked: what every call needs before it can be made.
struct PartnerDesk: Sendable {
    /// A warehouse whose partner may be asked now.
    struct Counter {
        var row: WarehouseRow
        var link: JDLink
        var credential: ServiceEnvironment.LoadedCredential
        /// Outbound orders and stock.
        var outbound: any JDOutbound
        var inbound: ECLPWarehouse
    }

    let environment: ServiceEnvironment
    private let clients: JDClients
    /// Seconds before each question whether an earlier attempt has done it: the partner may need a while to know.
    let pauses = [1.0, 3.0, 9.0]

    init(_ environment: ServiceEnvironment) {
        self.environment = environment
        clients = environment.jd { Clock.now }
    }

    /// - Returns: nil when the warehouse is closed: nobody can be asked any more.
    /// - Throws: why it has to wait.
    func open(_ warehouseId: String) throws(EffectRetry) -> Counter? {
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
        return Counter(
            row: row, link: link, credential: loaded, outbound: clients.outbound(api, credential, link),
            inbound: clients.inbound(credential, link))
    }

    func isSubscribed(_ warehouseId: String) -> Bool { environment.tables.warehouse(warehouseId)?.messageSubscription == true }

    /// Asks what an earlier attempt has come to. Each pause with its question is a step of the effect: meanwhile nothing is under way, so that
    /// those who wait hold nobody up.
    /// - Returns: nil once it was asked as often as there are pauses: it has come to nothing.
    /// - Throws: the next step, or why it has to be asked again.
    func ask<Found>(
        _ attempt: EffectAttempt, _ credential: ServiceEnvironment.LoadedCredential,
        _ question: () async throws(PartnerError) -> Found?
    ) async throws(EffectRetry) -> Found? {
        guard attempt.step > 0 else { throw step(1) }
        do throws(PartnerError) {
            if let found = try await question() { return found }
        } catch {
            var retry = EffectRetry(error, credential)
            // What was to be found out is still open.
            retry.mayHaveRun = true
            retry.step = attempt.step
            throw retry
        }
        guard attempt.step.isMultiple(of: pauses.count) else { throw step(attempt.step + 1) }
        return nil
    }

    /// The partner refuses what an earlier attempt may have done after all: it is asked once more, as often again, before that is believed.
    func doubt(_ attempt: EffectAttempt) throws(EffectRetry) {
        if attempt.mayHaveRun, attempt.step <= pauses.count { throw step(pauses.count + 1) }
    }

    /// An order that could not be sent. What was asked before still holds, unless this attempt may have done it.
    func retry(_ error: PartnerError, _ attempt: EffectAttempt, _ credential: ServiceEnvironment.LoadedCredential) -> EffectRetry {
        var retry = EffectRetry(error, changes: true, credential)
        if !retry.mayHaveRun { retry.step = attempt.step }
        return retry
    }

    private func step(_ number: Int) -> EffectRetry {
        EffectRetry(
            "asking", "the partner is asked whether an earlier attempt has done it", after: pauses[(number - 1) % pauses.count],
            mayHaveRun: true, step: number)
    }
}

extension PartnerRefusal {
    /// What a partner refused for good.
    init(_ error: PartnerError) { self.init(code: error.code, field: error.field, reason: error.message) }
}
