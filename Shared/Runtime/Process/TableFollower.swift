import Contracts
import JSON
import Kafka
import Observability

/// The tables that a process looks things up in, kept up to date in its resources.
struct TableFollower {
    /// nil: no tables.
    let reader: TableReader?

    /// Begins to read.
    init(_ tables: [Table], _ resources: any ServiceResources, _ context: ProcessContext) throws(ExitError) {
        let logger = context.logger
        do {
            reader =
                tables.isEmpty
                ? nil
                : try TableReader(context.configuration.kafka, topics: tables.map(\.topic)) { index, key, value in
                    do throws(JSONError) { try resources.apply(tables[index], key: key, value: value) } catch {
                        logger.warning(
                            "a row was passed over",
                            ["table": tables[index].topic, "key": String(decoding: key, as: UTF8.self), "reason": "\(error)"])
                    }
                }
        } catch { throw .configuration("\(error)") }
    }

    func stop() { reader?.stop() }

    /// Waits for the first full read; false when told to stop meanwhile.
    func catchUp(_ status: ServiceStatus) -> Bool {
        guard let reader else { return !status.isStopping }
        status.set(waitingFor: "tables")
        while !status.isStopping {
            if reader.waitUntilCaughtUp(timeout: 0.5) { return true }
            status.set(waitingFor: "tables", because: reader.obstacle, level: .notice)
        }
        return false
    }
}
