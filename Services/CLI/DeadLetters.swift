public import CommandLine
import Contracts
public import DeadLetters
import JSON
import Kafka
import Runtime

extension RecordPlace: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
    public static let argumentDescription = "a place as topic:partition:offset, for example daifa.waybill.dead:3:17"
}

extension DeadLetter {
    var event: EventRecord { EventRecord(record) }

    func replay(_ proof: SenderProof) throws(Irreplayable) -> Kafka.Message {
        guard case .keys(let keys) = proof else { return try replay(nil as ServiceKeys?) }
        return try replay(keys)
    }

    /// For `--json`.
    var json: [(String, JSONValue)] {
        var members: [(String, JSONValue)] = [("place", .string(place.description)), ("reason", .string(reason))]
        if let detail { members.append(("detail", .string(detail))) }
        if let origin { members.append(("origin", .string(origin.description))) }
        if let truncatedFrom { members.append(("truncatedFrom", .string(truncatedFrom))) }
        for case (let name, let value?) in [("id", id), ("type", type), ("key", event.key)] {
            members.append((name, .string(value)))
        }
        members.append(("bytes", .int(record.value?.count ?? 0)))
        return members
    }
}

/// Which dead letters are meant. Those that match everything that is given.
struct DeadSelection {
    var places: Set<RecordPlace> = []
    var ids: Set<String> = []
    var reasons: Set<String> = []
    var isAll = false

    /// Whether it says anything: a replay of everything has to be asked for by name.
    var isEmpty: Bool { places.isEmpty && ids.isEmpty && reasons.isEmpty && !isAll }

    func accepts(_ letter: DeadLetter) -> Bool {
        if !places.isEmpty || !ids.isEmpty {
            guard places.contains(letter.place) || letter.origin.map(places.contains) == true || letter.event.id.map(ids.contains) == true
            else {
                return false
            }
        }
        return reasons.isEmpty || reasons.contains(letter.reason)
    }
}

/// Bytes for people.
enum BytesText {
    /// As text if it is UTF-8 without control characters, else as a dump.
    static func shown(_ bytes: [UInt8]) -> String {
        guard let text = String(validating: bytes, as: UTF8.self),
            bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || [0x09, 0x0A, 0x0D].contains($0) })
        else { return dump(bytes) }
        return text
    }

    /// `00000010  64 61 69 66 61 …  |daifa…|`, 16 bytes a line.
    static func dump(_ bytes: [UInt8]) -> String {
        stride(from: 0, to: bytes.count, by: 16).map { start in
            let line = bytes[start..<min(start + 16, bytes.count)]
            let codes = line.map { hex(Int($0), 2) }.joined(separator: " ")
            let text = line.map { $0 >= 0x20 && $0 < 0x7F ? String(Unicode.Scalar($0)) : "." }.joined()
            return "\(hex(start, 8))  \(codes)\(String(repeating: " ", count: 47 - codes.count))  |\(text)|"
        }.joined(separator: "\n")
    }

    private static func hex(_ number: Int, _ width: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
