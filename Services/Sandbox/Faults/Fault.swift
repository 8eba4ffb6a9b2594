import JSON
import Stores

/// A fault on demand. Set by `POST /sandbox/faults`; the first that fits a call is taken.
struct Fault: StoredObject {
    enum Kind: String, JSONEnumeration {
        /// The answer comes after `seconds`, by default 3.
        case slow
        /// The work is done; the answer does not come for `seconds`, by default 120.
        case timeoutAfter = "timeout-after"
        /// Nothing is done, and no answer comes.
        case timeoutBefore = "timeout-before"
        /// The work is done and the connection closed without an answer.
        case drop
        case http500 = "http-500"
        case html
        case halfBody = "half-body"
        case redirect
        case garbage
        /// The right answer in GBK.
        case gbk
        case throttle
        case expiredToken = "expired-token"
        case wrongSign = "wrong-sign"
        /// The right answer after 16 MiB of white space.
        case huge
        /// Status 200 with the partner's own internal error inside.
        case error200 = "error-200"
        /// A push is sent again after it was taken; a message twice.
        case duplicate
        /// A push or message is held back until later ones have overtaken it.
        case reorder
    }

    var number = 0
    /// As the partner calls it, such as `jingdong.eclp.order.addOrder`; `push` for pushed statuses, `pdd.message` for messages; one that
    /// ends in `*` fits all that begin so.
    var operation = ""
    var kind = Kind.slow
    /// How often it still strikes; nil: always.
    var count: Int?
    /// Of striking; nil: 1.
    var probability: Double?
    var seconds: Double?
    /// Whether the work is done before it goes wrong; nil: as the kind's nature is.
    var done: Bool?
    /// A text that the request must hold in a parameter or in its body, such as an order's number; nil: any request.
    var containing: String?
    static let kind = "fault"
    var id: String { "\(number)" }
    static let fields = Fields<Fault>(
        Field("number", \.number), Field("operation", \.operation, .filled(200)), Field("kind", \.kind),
        Field("count", \.count, 1...1_000_000_000), Field("probability", \.probability), Field("seconds", \.seconds), Field("done", \.done),
        Field("containing", \.containing, .filled(200)))

    /// Whether the work is done although it goes wrong.
    var isWorkDone: Bool {
        if let done { return done }
        switch kind {
        case .timeoutBefore, .http500, .throttle, .expiredToken, .wrongSign, .error200: return false
        case .slow, .timeoutAfter, .drop, .html, .halfBody, .redirect, .garbage, .gbk, .huge, .duplicate, .reorder: return true
        }
    }

    /// - Parameter texts: what the request says.
    func fits(_ operation: String, _ texts: [String]) -> Bool {
        let isMeant = self.operation.hasSuffix("*") ? operation.hasPrefix(self.operation.dropLast()) : operation == self.operation
        return isMeant && (containing.map { part in texts.contains { $0.contains(part) } } ?? true)
    }
}

extension World {
    /// The fault that strikes this call, if one does; it is counted down.
    /// - Parameter texts: the values of its parameters, and its body.
    func takeFault(for operation: String, _ texts: [String]) throws(StoreError) -> Fault? {
        for var fault in try objects.all(Fault.self) where fault.fits(operation, texts) {
            if let probability = fault.probability, Double.random(in: 0..<1) >= probability { continue }
            if let count = fault.count {
                fault.count = count - 1
                if count > 1 { try objects.put(fault) } else { try objects.remove(Fault.self, fault.id) }
            }
            return fault
        }
        return nil
    }
}
