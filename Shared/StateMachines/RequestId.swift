import JSON

/// Ids of commands that one service sends to another: the same for the same request, another for any other, and without anything in them to be read.
///
/// An answer is recognised by the whole id, which the state keeps, and by its actor, never by a part of the id: everybody chooses the ids of his
/// own commands. So nothing rests on the function below but that two requests about one aggregate differ.
enum RequestId {
    /// - Parameter parts: what makes the request the one that it is; no two lists are told apart by their borders alone.
    /// - Returns: a UUID of version 8 (RFC 9562, section 5.8).
    static func make(_ parts: String...) -> String {
        var high = Lane(seed: 0xcbf2_9ce4_8422_2325)
        var low = Lane(seed: 0x6c62_272e_07bb_0142)
        for part in parts {
            for byte in part.utf8 {
                high.add(UInt64(byte))
                low.add(UInt64(byte))
            }
            // Ends the part, as no byte of it could.
            high.add(0x100)
            low.add(0x1FF)
        }
        return text(high.mixed & ~0xF000 | 0x8000, low.mixed & ~(0xC000 << 48) | (0x8000 << 48))
    }

    /// Whether an id is the one that was sent, byte by byte.
    static func isSame(_ id: String, as sent: String?) -> Bool { sent?.hasSameBytes(as: id) ?? false }

    /// FNV-1a of 64 bits from a start of its own, with MurmurHash3's final mix.
    private struct Lane {
        private var hash: UInt64

        init(seed: UInt64) { hash = seed }

        mutating func add(_ value: UInt64) { hash = (hash ^ value) &* 0x100_0000_01b3 }

        var mixed: UInt64 {
            var mixed = hash
            mixed ^= mixed >> 33
            mixed &*= 0xff51_afd7_ed55_8ccd
            mixed ^= mixed >> 33
            mixed &*= 0xc4ce_b9fe_1a85_ec53
            return mixed ^ mixed >> 33
        }
    }

    private static func text(_ high: UInt64, _ low: UInt64) -> String {
        String(unsafeUninitializedCapacity: 36) { text in
            var position = 0
            for index in 0..<32 {
                if index == 8 || index == 12 || index == 16 || index == 20 {
                    text[position] = UInt8(ascii: "-")
                    position += 1
                }
                let digit = UInt8((index < 16 ? high : low) >> UInt64(60 - index % 16 * 4) & 0xF)
                text[position] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
                position += 1
            }
            return position
        }
    }
}
