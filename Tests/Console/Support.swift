import Contracts
import Credentials
import Crypto
import HTTP
import JSON
import ReadModel
import Runtime
import Stores
import Threads

@testable import Console

/// What a console might know.
struct Known: PartnerLookup {
    var now = Timestamp(milliseconds: 1_700_000_000_000)
    var publicURL = "https://daifa.example"
    var consents: [String: ConsentRow] = [:]
    /// By kind and number: `outbound:ESL1`.
    var numbers: [String: PartnerNumberRow] = [:]
    var warehouses: [String: WarehouseRow] = [:]
    var credentials: [LoadedCredential] = []
    var isBroken = false

    func consent(state: String) throws(ReadModelError) -> ConsentRow? {
        if isBroken { throw ReadModelError.store(StoreError(kind: .busy, message: "busy")) }
        return consents[state]
    }
    func number(_ kind: PartnerNumberKind, _ number: String) throws(ReadModelError) -> PartnerNumberRow? {
        if isBroken { throw ReadModelError.store(StoreError(kind: .busy, message: "busy")) }
        return numbers["\(kind.rawValue):\(number)"]
    }
    func warehouse(_ warehouseId: String) -> WarehouseRow? { warehouses[warehouseId] }
    func authorizations(of provider: Provider, appKey: String) -> [String: Set<String>] {
        let own = credentials.filter { $0.provider == provider.rawValue && $0.credential.appKey == appKey }
        return Dictionary(grouping: own) { $0.credential.appSecret }.mapValues { Set($0.map(\.authorizationId)) }
    }

    static func credential(_ authorizationId: String, appKey: String, secret: String) -> LoadedCredential {
        .init(
            authorizationId: authorizationId, service: .console, provider: "jd-fulfillment", account: "jd-fulfillment:pin", version: 1,
            credential: Credential(appKey: appKey, appSecret: secret, accessToken: "t"))
    }
}

extension HTTPRequest {
    /// A status as JD sends it.
    static func status(_ body: String, appKey: String = "key-1", secret: String = "secret-1", at time: Int) -> HTTPRequest {
        let signature = Digest.hmacSHA256(Array("\(time)".utf8) + Array(body.utf8), key: Array(secret.utf8))
        return HTTPRequest(
            method: "POST", path: "/partners/jd-fulfillment/status",
            headers: [
                Field("X-JD-App-Key", appKey), Field("X-JD-Timestamp", "\(time)"), Field("X-JD-Signature", Base64.encode(signature)),
            ], body: Array(body.utf8))
    }

    static func callback(_ query: [(String, String)], provider: String = "jd-fulfillment") -> HTTPRequest {
        HTTPRequest(method: "GET", path: "/partners/\(provider)/callback", query: query.map { Field($0.0, $0.1) })
    }
}

/// The problem that the body throws; nil: none.
func problem(_ body: () throws(Problem) -> Void) -> Problem? {
    do throws(Problem) {
        try body()
        return nil
    } catch { return error }
}
