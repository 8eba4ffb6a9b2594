import JSON
import Stores

/// What is put into the sandbox at once; what is there under the same id is replaced.
struct Seed: Declared {
    var apps: [App]?
    var pins: [JDAccount]?
    var stock: [StockLevel]?
    var malls: [Mall]?
    static let fields = Fields<Seed>(
        Field("apps", \.apps), Field("pins", \.pins), Field("stock", \.stock), Field("malls", \.malls))
}

extension World {
    func put(_ seed: Seed) throws(StoreError) {
        for app in seed.apps ?? [] { try objects.put(app) }
        for pin in seed.pins ?? [] { try objects.put(pin) }
        for level in seed.stock ?? [] { try objects.put(level) }
        for mall in seed.malls ?? [] { try objects.put(mall) }
    }

    /// Into an empty sandbox: what `daifa demo` and a first look need. README.md lists it.
    func seedOnce() throws(StoreError) {
        guard try objects.count(App.self) == 0 else { return }
        let seed: Seed
        do throws(JSONError) { seed = try Seed.decode(Self.defaultSeed) } catch {
            throw StoreError(kind: .corrupt, message: "the sandbox's own seed: \(error)")
        }
        try put(seed)
    }
}
