/// Which part of a package belongs to which: the file `_rels/<name>.rels` beside each part.
struct Relationships {
    struct Target {
        /// The last component of the type's address, such as `worksheet`; the addresses of transitional and strict files differ before it.
        let type: String
        /// The part's name within the ZIP.
        let part: String
    }

    private(set) var targets: [String: Target] = [:]

    /// - Parameter source: a part's name; empty for the package itself.
    init(of source: String, in archive: Archive, _ limits: WorkbookLimits) throws(WorkbookError) {
        let slash = source.lastIndex(of: "/").map { source.index(after: $0) } ?? source.startIndex
        let (folder, name) = (String(source[..<slash]), source[slash...])
        let visitor = Visitor(folder: folder)
        try XMLReading(archive.open("\(folder)_rels/\(name).rels", limit: limits.partBytes), visitor, limits).finish()
        targets = visitor.targets
    }

    /// The first target of a type.
    func first(_ type: String) -> String? { targets.values.filter { $0.type == type }.map(\.part).min() }

    /// A target's address as a part's name: absolute ones begin with a slash, others count from the source's folder.
    static func resolved(_ target: String, in folder: String) -> String {
        var components: [Substring] = target.hasPrefix("/") ? [] : folder.split(separator: "/")
        for component in target.split(separator: "/") {
            switch component {
            case ".": continue
            case "..": _ = components.popLast()
            default: components.append(component)
            }
        }
        return components.joined(separator: "/")
    }

    private final class Visitor: XMLVisitor {
        private let folder: String
        private(set) var targets: [String: Target] = [:]

        init(folder: String) { self.folder = folder }

        func begin(_ name: XMLName, _ attributes: XMLAttributes) {
            guard name.isLocal("Relationship"), attributes.text("TargetMode") != "External" else { return }
            guard let id = attributes.text("Id"), let type = attributes.text("Type"), let target = attributes.text("Target") else { return }
            targets[id] = Target(
                type: type.split(separator: "/").last.map(String.init) ?? type, part: Relationships.resolved(target, in: folder))
        }

        func end(_ name: XMLName) {}
        func text(_ utf8: UnsafeBufferPointer<UInt8>) {}
    }
}
