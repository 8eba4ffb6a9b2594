import Glibc
import Runtime

/// The folder of texts, style sheets and scripts.
enum WebFolder {
    /// Where texts are in it.
    static let texts = "texts"

    /// - Parameter named: `DAIFA_WEB`; nil: `web` beside the executable, else that of the checkout in which it was built.
    /// - Throws: when there is none.
    static func find(_ named: String?) throws(ExitError) -> (assets: String, texts: String) {
        if let named {
            guard isFolder(named) else { throw .configuration("DAIFA_WEB: there is no folder \(named)") }
            return (named, "\(named)/\(texts)")
        }
        var folder = executable()
        if isFolder("\(folder)/web") { return ("\(folder)/web", "\(folder)/web/\(texts)") }
        while !folder.isEmpty {
            let (assets, words) = ("\(folder)/Services/Console/Web", "\(folder)/Shared/Texts")
            if isFolder(assets), isFolder(words) { return (assets, words) }
            folder = parent(folder)
        }
        throw .configuration("DAIFA_WEB: there is no folder web beside the executable: name the one with the console's style sheets")
    }

    /// The folder of the executable, links followed.
    private static func executable() -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        guard count > 0 else { return "" }
        return parent(String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }

    private static func parent(_ path: String) -> String { path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "" }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
