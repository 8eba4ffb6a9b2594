import Glibc

/// A secret that a person types, or a script gives: never an argument, which all users of the machine can see.
public enum SecretInput {
    /// Bytes of a line at most.
    private static let largest = 4096

    /// From a terminal: asks, shows nothing of what is typed, and asks again so that it was typed as meant. From anything else: the first
    /// line, without its end.
    /// - Parameters:
    ///   - prompt: without a colon: `Password of anna`.
    ///   - descriptor: standard input, unless a test has another.
    /// - Throws: `badData` when nothing comes, it is no UTF-8, or the second text is another.
    public static func read(_ prompt: String, from descriptor: Int32 = 0) throws(CommandFailure) -> String {
        guard isatty(descriptor) == 1 else { return try line(descriptor, prompt) }
        let first = try typed("\(prompt): ", descriptor)
        guard try typed("Again: ", descriptor).utf8.elementsEqual(first.utf8) else {
            throw CommandFailure(.badData, "the two texts differ: try again")
        }
        return first
    }

    private static func typed(_ prompt: String, _ descriptor: Int32) throws(CommandFailure) -> String {
        Terminal.write(prompt, to: STDERR_FILENO)
        var before = termios()
        let isKnown = tcgetattr(descriptor, &before) == 0
        if isKnown {
            var silent = before
            silent.c_lflag &= ~tcflag_t(ECHO)
            tcsetattr(descriptor, TCSAFLUSH, &silent)
        }
        defer {
            if isKnown { tcsetattr(descriptor, TCSAFLUSH, &before) }
            Terminal.writeError("")
        }
        return try line(descriptor, prompt)
    }

    /// One byte at a time: what stands behind the line is somebody else's.
    private static func line(_ descriptor: Int32, _ prompt: String) throws(CommandFailure) -> String {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while bytes.count <= largest {
            let count = Glibc.read(descriptor, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1, byte != UInt8(ascii: "\n") else { break }
            bytes.append(byte)
        }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard !bytes.isEmpty else {
            throw CommandFailure(.badData, "\(prompt): nothing came: type it, or give it as a line of standard input")
        }
        guard bytes.count <= largest, let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandFailure(.badData, "\(prompt): a line of UTF-8 is expected, of \(largest) bytes at most")
        }
        return text
    }
}
