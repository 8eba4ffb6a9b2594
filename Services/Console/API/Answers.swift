import Contracts
import HTTP
import Identity
import JSON
import Web

extension HTTPResponse {
    /// A JSON document.
    static func json(_ document: [UInt8], status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, headers: SafeHeaders.all + [("Content-Type", "application/json")], body: document)
    }

    static func noContent() -> HTTPResponse { HTTPResponse(status: 204, headers: SafeHeaders.all) }

    /// A page of a list that the people's store keeps.
    static func page<Item>(_ page: Identity.Page<Item>, _ document: (Item) -> [UInt8]) -> HTTPResponse {
        var writer = JSONWriter()
        writer.raw(#"{"items":["#)
        for (index, item) in page.items.enumerated() {
            if index > 0 { writer.raw(",") }
            writer.raw(document(item))
        }
        writer.raw("]")
        if let next = page.next {
            writer.raw(#","next":"#)
            writer.string(String(next))
        }
        writer.raw("}")
        return .json(writer.bytes)
    }
}

extension ConsoleCall {
    /// `limit` and `after` of a list that the people's store keeps.
    func pageRange() throws(Problem) -> PageRange {
        var range = PageRange(limit: 50)
        if let text = request.query("limit") {
            guard let limit = Int(text), (1...200).contains(limit) else { throw Problem.invalid("limit", "it is a number from 1 to 200") }
            range.limit = limit
        }
        if let text = request.query("after") {
            guard let after = Int(text), after >= 0, String(after) == text else {
                throw Problem.invalid("after", "give next of the page before, as it is")
            }
            range.after = after
        }
        return range
    }
}
