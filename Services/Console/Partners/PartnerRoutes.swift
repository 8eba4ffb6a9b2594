import Contracts
import HTTP
import Threads
import Web

/// What partners call (contract, section 8).
struct PartnerRoutes: Sendable {
    /// Bytes of a body.
    static let maximumBody = 65_536

    let queue: PartnerRequestQueue
    let clock: @Sendable () -> Timestamp

    func add(to group: inout ConsoleGroup) {
        group.on(.get, "/{provider}/callback", name: ConsentCallback.route) { (call) throws(Problem) in
            guard let provider = Provider(rawValue: call["provider"]) else { throw Problem(.notFound) }
            return enter(try ConsentCallback(call.request, provider: provider))
        }
        let status = "/\(StatusPush.provider.rawValue)/status"
        group.on(.post, status, body: .bytes(Self.maximumBody), name: StatusPush.route) { (call) throws(Problem) in
            enter(try StatusPush(call.request, now: clock()))
        }
    }

    private func enter(_ request: some PartnerRequest) -> RouteAnswer {
        let later = LaterAnswer()
        queue.submit(request) { later.send($0) }
        return .later(later)
    }
}
