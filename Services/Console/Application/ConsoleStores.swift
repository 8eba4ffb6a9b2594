import ConsoleConfiguration
import Identity
import ReadModel
import Runtime
import Stores

/// The console's two stores: the read model, which fills itself again when it is deleted, and people, who do not.
struct ConsoleStores: Sendable {
    let model: SQLiteReadModel
    let people: SQLitePeopleStore

    /// - Throws: exit 78 when one of them cannot be used.
    init(_ context: ProcessContext, clusterId: String, _ settings: ConsoleSettings) throws(ExitError) {
        guard case .sqlite(let folder) = context.configuration.store else {
            throw .configuration("DAIFA_STORE: the console keeps its stores in a folder: sqlite:<folder>")
        }
        do throws(StoreError) {
            model = try SQLiteReadModel(path: "\(folder)/model.db", clusterId: clusterId)
        } catch { throw .configuration("DAIFA_STORE: \(error)") }
        do throws(PeopleError) {
            people = try SQLitePeopleStore(folder: SQLitePeopleStore.folder(inStoreFolder: folder))
            try people.failRunningImports()
        } catch { throw .configuration("DAIFA_STORE: \(error)") }
    }
}
