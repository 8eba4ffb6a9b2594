import Contracts
import HTTP
import JSON
import ReadModel
import Web

/// `If-Match` of a command that changes a profile, an address, a rule or a policy (contract, section 9): the version that its sender saw.
///
/// What stands there is what the read model holds: another's change that is not read yet is not seen, and the later command counts.
struct Precondition: Sendable {
    /// A row that a command changes.
    struct Standing: Sendable {
        var version: Int
        var document: JSONValue
    }

    private let match: HTTPRequest.Match

    /// nil: the request has none.
    /// - Throws: 400 when it cannot be read, or the command changes nothing that has a version.
    init?(_ request: HTTPRequest, _ name: CommandName) throws(Problem) {
        guard let match = request.ifMatch else { return nil }
        if case .malformed = match { throw .invalid("If-Match", "give the version that you saw, in quotes: \"3\"") }
        guard name.changesVersionedRow else { throw .invalid("If-Match", "this command changes nothing that has a version: leave it out") }
        self.match = match
    }

    /// - Parameters:
    ///   - body: the command's data.
    ///   - actor: the sender: what another's command would change is not looked at, and the service refuses it.
    /// - Throws: 412 with what stands there now.
    func check(_ name: CommandName, _ body: [UInt8], by actor: Actor, in model: any ReadModel) throws(Problem) {
        guard let data = try? JSONValue.decode(body), name.shop(in: data).map({ $0.utf8.elementsEqual(actor.id.utf8) }) ?? false else {
            return
        }
        let standing: Standing?
        do throws(ReadModelError) { standing = try model.standing(name, data, shop: actor.id) } catch { throw Problem(error) }
        guard !holds(standing) else { return }
        var problem = Problem(.changedMeanwhile, field: "If-Match")
        if case .object(let members)? = standing?.document { problem.details = Dictionary(members) { first, _ in first } }
        throw problem
    }

    private func holds(_ standing: Standing?) -> Bool {
        guard let standing else { return false }
        return switch match {
        case .any: true
        case .tags(let tags): tags.contains("\(standing.version)")
        case .malformed: false
        }
    }
}

extension Problem {
    init(_ code: HTTPCode, field: String) {
        self.init(code)
        self.field = field
    }
}

extension CommandName {
    /// Whether it changes a row that has a version, so that `If-Match` may name the one that was seen.
    var changesVersionedRow: Bool {
        [UpdateProfile.type, PutAddress.type, RemoveAddress.type, PutRule.type, RemoveRule.type, SetPolicy.type].contains(entry.type)
    }

    fileprivate func shop(in data: JSONValue) -> String? {
        switch entry.type {
        case PutRule.type, RemoveRule.type: data["merchantShopId"]?.string
        case SetPolicy.type: data["merchantShopId"]?.string ?? data["factoryShopId"]?.string
        default: data["shopId"]?.string
        }
    }
}

extension ReadModel {
    /// The row that a command changes; nil: there is none.
    fileprivate func standing(_ name: CommandName, _ data: JSONValue, shop: String) throws(ReadModelError) -> Precondition.Standing? {
        switch name.entry.type {
        case PutRule.type, RemoveRule.type:
            let rule = try first({ (page) throws(ReadModelError) in try rules(merchant: shop, page) }) {
                $0.ruleId == data["ruleId"]?.string
            }
            return rule.map { Precondition.Standing($0.version, $0.json) }
        case SetPolicy.type:
            let channel = try first({ (page) throws(ReadModelError) in try channels(shop: shop, page) }) {
                $0.channelId == data["channelId"]?.string
            }
            return channel.map { Precondition.Standing($0.version, $0.json) }
        default: return try self.shop(shop).map { Precondition.Standing($0.version, $0.json) }
        }
    }

    /// The first of a list's rows that is like that.
    private func first<Row>(
        _ list: (PageRequest) throws(ReadModelError) -> Page<Row>, where isMeant: (Row) -> Bool
    ) throws(ReadModelError) -> Row? {
        var request = PageRequest(limit: PageRequest.limits.upperBound)
        while true {
            let page = try list(request)
            if let found = page.items.first(where: isMeant) { return found }
            guard let next = page.next else { return nil }
            request.after = next
        }
    }
}

extension Precondition.Standing {
    fileprivate init(_ version: Int, _ row: [UInt8]) {
        self.init(version: version, document: (try? JSONValue.decode(SealedFields.removed(from: row))) ?? .object([]))
    }
}
