public import HTTP

/// A form as it came: urlencoded or multipart.
public struct Form: Sendable {
    /// A file, in memory.
    public struct File: Sendable, Equatable {
        /// As the sender calls it, without folders; for people to read, nothing else.
        public var name: String
        /// In lower case, as the sender says; empty when it does not.
        public var type: String
        public var bytes: [UInt8]

        public init(name: String, type: String, bytes: [UInt8]) { (self.name, self.type, self.bytes) = (name, type, bytes) }
    }

    public struct Limits: Sendable {
        /// Fields and files together.
        public var parts = 2000
        /// Bytes of a field's name.
        public var nameBytes = 200
        /// Bytes of a field's value.
        public var valueBytes = 64 << 10
        /// Bytes of one file.
        public var fileBytes = 64 << 20

        public init() {}
    }

    /// What is wrong with a form, for who wrote the client.
    public struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        /// The field's name; nil: the whole body.
        public let field: String?
        public let description: String

        init(_ description: String, field: String? = nil) { (self.description, self.field) = (description, field) }
    }

    /// In order.
    public private(set) var fields: [HTTPRequest.Field] = []
    /// In order, by the field's name.
    public private(set) var files: [(field: String, file: File)] = []

    public init(fields: [HTTPRequest.Field] = [], files: [(field: String, file: File)] = []) {
        (self.fields, self.files) = (fields, files)
    }

    /// The first value of that name, which counts in its case; nil when the form has none.
    public subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

    /// All values of that name: of boxes that may be ticked.
    public func all(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }

    /// The first file of that name that is there: a browser sends an empty one without a name where none was chosen.
    public func file(_ name: String) -> File? {
        files.first { $0.field == name && !($0.file.name.isEmpty && $0.file.bytes.isEmpty) }?.file
    }

    /// Reads a request's body by its `Content-Type`.
    /// - Throws: what is wrong with it.
    public init(_ request: HTTPRequest, limits: Limits = Limits()) throws(Failure) {
        let type = request.header("content-type").flatMap { MediaType($0) }
        switch type?.essence {
        case "application/x-www-form-urlencoded": try readPairs(request.body, limits)
        case "multipart/form-data":
            guard let boundary = type?[parameter: "boundary"] else { throw Failure("the form's Content-Type names no boundary") }
            try Multipart.read(request.body, boundary: boundary, limits, into: &fields, &files)
        default:
            throw Failure("a form's Content-Type is application/x-www-form-urlencoded or multipart/form-data")
        }
    }

    private mutating func readPairs(_ body: [UInt8], _ limits: Limits) throws(Failure) {
        for item in body.split(separator: UInt8(ascii: "&"), maxSplits: limits.parts + 1) {
            guard fields.count < limits.parts else { throw Failure("the form has more than \(limits.parts) fields") }
            let parts = item.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.decode(parts[0], plusIsBlank: true) else {
                throw Failure("the name of field \(fields.count + 1) is not percent-encoded UTF-8")
            }
            guard name.utf8.count <= limits.nameBytes else {
                throw Failure("the name of field \(fields.count + 1) has more than \(limits.nameBytes) bytes")
            }
            guard let value = PercentEncoding.decode(parts.count > 1 ? parts[1] : [], plusIsBlank: true) else {
                throw Failure("the value is not percent-encoded UTF-8", field: name)
            }
            guard value.utf8.count <= limits.valueBytes else {
                throw Failure("the value has more than \(limits.valueBytes) bytes", field: name)
            }
            fields.append(HTTPRequest.Field(name, value))
        }
    }
}
