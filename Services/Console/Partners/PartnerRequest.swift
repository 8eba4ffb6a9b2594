import Contracts
import HTTP
import ReadModel
import Runtime
import Texts
import Threads

/// A request of a partner, well-formed, that becomes a command.
protocol PartnerRequest: Sendable {
    /// For metrics.
    static var route: String { get }
    /// The command, from what is known now.
    func command(_ lookup: any PartnerLookup) throws(Problem) -> OutgoingCommand
    /// The answer once Kafka has the command.
    var accepted: HTTPResponse { get }
    /// Of the one who reads a problem.
    var language: Language { get }
}

/// The console's lookup of consents, warehouses, numbers and credentials.
protocol PartnerLookup: Sendable {
    var now: Timestamp { get }
    /// Where partners call back.
    var publicURL: String { get }
    func consent(state: String) throws(ReadModelError) -> ConsentRow?
    func number(_ kind: PartnerNumberKind, _ number: String) throws(ReadModelError) -> PartnerNumberRow?
    func warehouse(_ warehouseId: String) -> WarehouseRow?
    /// Authorizations that were given to the application with this key, by its secret.
    func authorizations(of provider: Provider, appKey: String) -> [String: Set<String>]
}
