// Made by make-token-vectors.py with cryptography; do not edit.

enum TokenVectors {
    static let keys =
        #"{"keys": [{"kty": "oct", "kid": "secret", "k": "AAAA"}, {"kty": "RSA", "kid": "r", "use": "sig", "alg": "RS256"#
        + #"", "n": "yLc0J2377PFxvX7dx3zBynH-1BhndW89afr0TZ7sE8TMGdWkCMhYqh49qmT7Y-CyvcQMQy3BroN5Wk5wvumZTMkX-l_lyHtil9k9N"#
        + #"69qA-v5OPc8NLJ6kQdushFZLEIvqV3kGeCtJ40ChZeFr2HE_pM24gaZG55LtVUJFG3I6W1h1FiLecKmNSzXvXXmVFs85c5pRXpybSkjZs_1Gpg"#
        + #"ztuRwoea1jr42AxZDFila7VHo8ZCYAuaOGUWI555bFEcr37sQIJoccR5_FZEAaZH88TM54BHAKlJXI1LmkxN878w6wb16aeonvo8tPsCsuHZ--"#
        + #"7RICmKzVqyUUxkxH_Uzxw", "e": "AQAB"}, {"kty": "EC", "kid": "e", "crv": "P-256", "x": "ijckrc25Eh1CSeeHRkWuZn4M"#
        + #"xAqjhBjif1QdOeKhpps", "y": "BMvOVGh7rjhAbeWObFEAYrdBbTN_BDjV1bcl4CF8OgM"}]}"#
    static let rs256 =
        #"eyJhbGciOiAiUlMyNTYiLCAia2lkIjogInIifQ.eyJpc3MiOiAiaHR0cHM6Ly9sb2dpbi5leGFtcGxlIiwgInN1YiI6ICJ1LTEiLCAiYXVkIjo"#
        + #"gImRhaWZhIiwgImV4cCI6IDE3OTAwMDM2MDAsICJpYXQiOiAxNzkwMDAwMDAwLCAibm9uY2UiOiAibi0xIiwgInByZWZlcnJlZF91c2VybmFtZ"#
        + #"SI6ICJhbm5hIiwgImRhaWZhX2FjdG9ycyI6IFsibWVyY2hhbnQ6MSIsICJmYWN0b3J5OjkjY2xlcmsiXX0.lWcJXp0gR7B0OTdrPwkv2g5qiZW"#
        + #"VZy1FRJJZduuqQnAIexAnqhJ1VPLpIjrQbV-DuJ7vj-GIW2NeE0ikZ2heScjpcNpHX0T8v5ZgV3NjraMlDyCG1-_oSZ9BHIHIFhffUnIDMLd7U"#
        + #"ouBWHbTRgQL9vBPT78ngShQKowMjLwphLLM6IGGMNIaeKT56DBKWqiBcr3vkpeELvmvU6aRFxvdHbIZ1MYZl7d8Ii8YJ2vb4Ql2Fjwodxuh8sI"#
        + #"j3V6z4AjqsNklE8bmoA6IFCTqF5MLa6CZ440_KDr9_QFCe3_GDFDGIdMI8q9vSm92OrLJzljHT5Rt68AJNqMUWLxaThacXg"#
    static let es256Short =
        #"eyJhbGciOiAiRVMyNTYiLCAia2lkIjogImUifQ.eyJpc3MiOiAiaHR0cHM6Ly9sb2dpbi5leGFtcGxlIiwgInN1YiI6ICJ1LTEiLCAiYXVkIjo"#
        + #"gImRhaWZhIiwgImV4cCI6IDE3OTAwMDM2MDAsICJpYXQiOiAxNzkwMDAwMDAwLCAibm9uY2UiOiAibi0xIiwgInByZWZlcnJlZF91c2VybmFtZ"#
        + #"SI6ICJhbm5hIiwgImRhaWZhX2FjdG9ycyI6IFsibWVyY2hhbnQ6MSIsICJmYWN0b3J5OjkjY2xlcmsiXX0.AN5TinkwAbq-GkRZ85HaVwfvzTT"#
        + #"3vsX3_NatHlqrU7T8zIZBmwvhjcdeXew8DG0afRMtcPEn2VWhIZYLP7NNEg"#
    static let es256High =
        #"eyJhbGciOiAiRVMyNTYiLCAia2lkIjogImUifQ.eyJpc3MiOiAiaHR0cHM6Ly9sb2dpbi5leGFtcGxlIiwgInN1YiI6ICJ1LTEiLCAiYXVkIjo"#
        + #"gImRhaWZhIiwgImV4cCI6IDE3OTAwMDM2MDAsICJpYXQiOiAxNzkwMDAwMDAwLCAibm9uY2UiOiAibi0xIiwgInByZWZlcnJlZF91c2VybmFtZ"#
        + #"SI6ICJhbm5hIiwgImRhaWZhX2FjdG9ycyI6IFsibWVyY2hhbnQ6MSIsICJmYWN0b3J5OjkjY2xlcmsiXX0.sozSsGA2ZEx3kYf-0mJkn7_E-TZ"#
        + #"1PQC83DkyCJoaHCpVKTEVip4zNXWGfiSu--Q6tL5HUHxNO40eKoUKLwMInQ"#
}
