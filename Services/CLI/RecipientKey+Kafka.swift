import CommandLine
import Contracts
import Glibc
import JSON
import Kafka
import OrderImports
import Runtime
import Threads

extension RecipientKey {
    /// Rows of `daifa.keys` as they come; knows the newest key of waybill for recipients.
    struct Search {
        private var rows: [String: KeyRow] = [:]

        /// A row, or its end. A row that cannot be read is none of waybill's.
        mutating func take(key: [UInt8]?, value: [UInt8]?) {
            guard let key else { return }
            let name = String(decoding: key, as: UTF8.self)
            guard let value else {
                rows[name] = nil
                return
            }
            guard let row = try? KeyRow.decode(value), row.service == .waybill, row.purpose == .recipient, row.key == name else { return }
            rows[name] = row
        }

        /// The one with the highest version; of equal ones the last id, so that every sender chooses the same.
        var newest: RecipientKey? {
            rows.values.max { ($0.version, $0.keyId) < ($1.version, $1.keyId) }.flatMap { RecipientKey($0) }
        }
    }

    /// Waits until waybill has announced its key.
    /// - Throws: `CommandFailure` 69 when there is none after `seconds`.
    static func wait(_ kafka: KafkaConfiguration, timeout seconds: Double) throws(CommandFailure) -> RecipientKey {
        let deadline = Clock.seconds + seconds
        do throws(KafkaError) {
            if try hasTopic(kafka, until: deadline), let key = try read(kafka, until: deadline) { return key }
        } catch {
            throw CommandFailure(
                .unavailable, "Kafka at \(kafka.bootstrapServers) cannot be read (\(error)): start it, or set KAFKA_BOOTSTRAP_SERVERS")
        }
        throw CommandFailure(
            .unavailable,
            "the waybill service has announced no key in \(Table.keys.topic) within \(Int(seconds)) s, and recipients are sealed with it: "
                + "start the services (daifa up), then import again")
    }

    private static func hasTopic(_ kafka: KafkaConfiguration, until deadline: Double) throws(KafkaError) -> Bool {
        let admin = try Admin(kafka)
        while try admin.metadata(timeout: metadataTimeout).topics[Table.keys.topic] == nil {
            if Clock.seconds >= deadline { return false }
            usleep(100_000)
        }
        return true
    }

    private static func read(_ kafka: KafkaConfiguration, until deadline: Double) throws(KafkaError) -> RecipientKey? {
        let reader = try TopicReader(kafka, topics: [Table.keys.topic], timeout: metadataTimeout)
        var search = Search()
        while true {
            let left = max(0, deadline - Clock.seconds)
            for message in try reader.next(timeout: min(left, pollInterval)) { search.take(key: message.key, value: message.value) }
            if reader.atEnd, let key = search.newest { return key }
            if left == 0 { return nil }
        }
    }

    private static let pollInterval = 0.2
    /// Seconds for brokers that are up to answer.
    private static let metadataTimeout = 10.0
}
