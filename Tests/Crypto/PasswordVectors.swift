// Made by make-password-vectors.py with argon2-cffi; do not edit.

struct PasswordVector {
    let name: String
    let password: String
    let hash: String

    static let all = [
        PasswordVector(
            name: "theCostOfTheHouse", password: "correct horse battery",
            hash: "$argon2id$v=19$m=19456,t=2,p=1$w9bHfrv0+z55jJEVxR5gVw$zFcsBXNnNOorvIsfnNYLnQTmzIzq6mq+JuTYx1eUw+I"),
        PasswordVector(
            name: "chineseAndVietnamese", password: "密码很长很长很长很长 mật khẩu",
            hash: "$argon2id$v=19$m=19456,t=2,p=1$JAPr640UVufC0CvlIDEuxw$T7o7ZaaN/qkrtd4FCItfw98iVDLfIdbqPPgrqiK6gOc"),
        PasswordVector(
            name: "anotherCost", password: "another cost",
            hash: "$argon2id$v=19$m=8192,t=3,p=1$OZz0I2hZ3usNZ13Ky43qvA$puA7wy6/cDdhTrZUovl03cwQR/g2noY1C1H+dBc6CbQ"),
        PasswordVector(
            name: "twoLanes", password: "two lanes of work",
            hash: "$argon2id$v=19$m=19456,t=2,p=2$gZpNsTf58nVMBVId/k2i3g$dDPRyjba4J6oeGPkMPszU26D3nnxehpg7e5aHDSOSSU"),
        PasswordVector(
            name: "anotherAlgorithm", password: "argon2i is not taken",
            hash: "$argon2i$v=19$m=19456,t=2,p=1$mo3inRKoJXnVONeIlkx8eA$dK23WsFUtMi4ZgxWHoAIBwHvQc19ei6B1m0Pg9AcYe0"),
    ]
}
