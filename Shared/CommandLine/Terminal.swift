import Glibc

/// Standard output and standard error of a command.
public enum Terminal {
    public static var outputIsTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
    public static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// Columns of the terminal at standard error; 80 when it does not say.
    public static var width: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// To standard output, as it is.
    public static func write(_ text: String) { write(text, to: STDOUT_FILENO) }

    /// To standard output, with a line's end.
    public static func writeLine(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

    /// To standard error, with a line's end.
    public static func writeError(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

    /// Blocks until all is written, or the reader has gone.
    static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            var written = 0
            while written < bytes.count {
                let count = Glibc.write(descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
                if count > 0 {
                    written += count
                } else if errno != EINTR {
                    return
                }
            }
        }
    }
}
