import CZlib
import Crypto
import Glibc
public import HTTP

/// Style sheets, scripts and pictures: read once, named by the digest of all, so that a browser keeps them and never mixes two versions.
public struct Assets: Sendable {
    /// The folder, or a file in it, cannot be used.
    public struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        public let path: String
        public let description: String

        init(_ path: String, _ why: String) { (self.path, description) = (path, "\(path): \(why)") }
    }

    private struct File: Sendable {
        let type: String
        let bytes: [UInt8]
        /// nil where it would not be smaller.
        let gzipped: [UInt8]?
    }

    private static let types = [
        "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml", "png": "image/png",
        "ico": "image/vnd.microsoft.icon", "webp": "image/webp", "json": "application/json", "txt": "text/plain; charset=utf-8",
        "wav": "audio/wav", "webmanifest": "application/manifest+json",
    ]
    private static let packed = ["css", "js", "svg", "json", "txt", "webmanifest"]
    private static let mostFile = 4 << 20
    private static let mostFiles = 1000
    private static let mostFolders = 8

    /// Of all names and bytes, 32 letters and digits.
    public let digest: String
    private let files: [String: File]

    /// Reads a folder and those in it; names that begin with a dot, and what a `README.md` tells the folder's authors, are left out.
    /// - Throws: the path that is missing, cannot be read, is too large or of a type that is not known.
    public init(folder: String) throws(Failure) {
        var found: [String: [UInt8]] = [:]
        try Self.read(folder, "", 0, &found)
        guard !found.isEmpty else {
            throw Failure(folder, "there are no files in this folder: it holds the style sheets and scripts of pages")
        }
        try self.init(files: found)
    }

    /// - Parameter files: by name below the folder: `pages/orders.js`.
    /// - Throws: a name of a type that is not known.
    public init(files: [String: [UInt8]]) throws(Failure) {
        var made: [String: File] = [:]
        var all: [UInt8] = []
        for (name, bytes) in files.sorted(by: { $0.key < $1.key }) {
            let kind = name.split(separator: ".").last.map { $0.lowercased() } ?? ""
            guard let type = Self.types[kind] else {
                throw Failure(name, "files of this kind are not served: \(Self.types.keys.sorted().joined(separator: ", "))")
            }
            let gzipped = Self.packed.contains(kind) ? Self.gzip(bytes) : nil
            made[name] = File(type: type, bytes: bytes, gzipped: gzipped.flatMap { $0.count < bytes.count ? $0 : nil })
            all += Digest.sha256(Array(name.utf8)) + Digest.sha256(bytes)
        }
        self.files = made
        digest = Hexadecimal.encode(Digest.sha256(all)[..<16])
    }

    public var names: [String] { files.keys.sorted() }

    /// Where a file is; nil when there is none of that name.
    public func link(_ name: String) -> Link? {
        files[name] == nil ? nil : Link(segments: ["assets", digest] + name.split(separator: "/").map(String.init))
    }

    /// Answers `/assets/<digest>/<name>`; nil when there is no such file, or the digest is another version's.
    public func response(digest: String, name: String, to request: HTTPRequest) -> HTTPResponse? {
        guard digest == self.digest, let file = files[name] else { return nil }
        var headers: [(name: String, value: String)] = [
            ("Content-Type", file.type), ("Cache-Control", "public, max-age=31536000, immutable"), ("X-Content-Type-Options", "nosniff"),
            ("Content-Security-Policy", ContentSecurityPolicy().text), ("Vary", "Accept-Encoding"),
        ]
        guard let gzipped = file.gzipped, Self.takesGzip(request) else { return HTTPResponse(headers: headers, body: file.bytes) }
        headers.append(("Content-Encoding", "gzip"))
        return HTTPResponse(headers: headers, body: gzipped)
    }

    private static func takesGzip(_ request: HTTPRequest) -> Bool {
        request.headerValues("accept-encoding").flatMap { HeaderText.split($0[...], by: UInt8(ascii: ",")) }.contains { item in
            let parts = HeaderText.split(item, by: UInt8(ascii: ";"))
            guard let name = parts.first?.lowercased(), name == "gzip" || name == "*" else { return false }
            let quality = parts.dropFirst().lazy.compactMap { HeaderText.parameter($0) }.first { $0.name == "q" }?.value
            return quality.map { HeaderText.quality($0) ?? 0 } ?? 1000 > 0
        }
    }

    private static func gzip(_ bytes: [UInt8]) -> [UInt8]? {
        let room = daifa_gzip_bound(bytes.count)
        let packed = [UInt8](unsafeUninitializedCapacity: room) { target, count in
            count = daifa_gzip(bytes, bytes.count, target.baseAddress, room)
        }
        return packed.isEmpty ? nil : packed
    }

    private static func read(_ folder: String, _ prefix: String, _ depth: Int, _ found: inout [String: [UInt8]]) throws(Failure) {
        guard depth < mostFolders else { throw Failure(folder, "folders are nested too deeply") }
        guard let directory = opendir(folder) else {
            throw Failure(folder, "this folder cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard !name.hasPrefix("."), name != "README.md" else { continue }
            let path = "\(folder)/\(name)"
            var status = stat()
            guard stat(path, &status) == 0 else { throw Failure(path, "cannot be read: \(String(cString: strerror(errno)))") }
            if status.st_mode & S_IFMT == S_IFDIR {
                try read(path, "\(prefix)\(name)/", depth + 1, &found)
            } else {
                guard found.count < mostFiles else { throw Failure(folder, "there are more than \(mostFiles) files") }
                found[prefix + name] = try contents(path)
            }
        }
    }

    private static func contents(_ path: String) throws(Failure) -> [UInt8] {
        guard let file = fopen(path, "re") else { throw Failure(path, "cannot be read: \(String(cString: strerror(errno)))") }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count <= mostFile {
            let count = fread(&piece, 1, piece.count, file)
            guard count > 0 else {
                guard ferror(file) == 0 else { throw Failure(path, "cannot be read") }
                return bytes
            }
            bytes += piece[..<count]
        }
        throw Failure(path, "is larger than \(mostFile) bytes")
    }
}
