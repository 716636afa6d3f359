"""Makes tests/frontends/fixtures/circuits: circuits of plain functions in every format.

    python -m tests.frontends.make_circuits

needs Yosys (the program) and ABC (berkeley-abc), and takes seconds. What the circuits must give
needs no circuit: `tests/frontends/test_circuits.py` says it in NumPy. They read numbers of four
bits, the lowest bit first:

largest: of four numbers, which is the largest, the first of equals; one-hot
number:  the same as a binary number; an instance of ``largest`` and gates
compare: of two numbers: smaller, equal, larger
words:   bits of two numbers put together by operators of whole words
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

FOLDER = Path(__file__).parent / "fixtures" / "circuits"

SOURCES = {
    "largest": """\
// Which of four numbers is the largest, the first of equals: one-hot.
module largest (input [15:0] x, output [3:0] y);
    wire [3:0] a = x[3:0], b = x[7:4], c = x[11:8], d = x[15:12];
    wire second = b > a, fourth = d > c;
    wire [3:0] left = second ? b : a, right = fourth ? d : c;
    wire later = right > left;
    assign y = 4'b1 << (later ? {1'b1, fourth} : {1'b0, second});
endmodule
""",
    "number": """\
// The same as a binary number.
module number (input [15:0] x, output [1:0] y);
    wire [3:0] hot;
    largest one (.x(x), .y(hot));
    assign y = {hot[3] | hot[2], hot[3] | hot[1]};
endmodule
""",
    "compare": """\
// Two numbers of four bits: smaller, equal, larger.
module compare (input [7:0] x, output [2:0] y);
    assign y = {x[3:0] > x[7:4], x[3:0] == x[7:4], x[3:0] < x[7:4]};
endmodule
""",
    "words": """\
// Operators of whole words, one of a single bit, a constant, ports that count the other way.
module words (input [3:0] a, input [3:0] b, input s, output [0:3] y, output [5:2] z, output t);
    assign y = s ? (a & b) ^ ~b : (a | b);
    assign z = ~(a ^ b);
    assign t = !s;
endmodule
""",
}

FLOWS = {
    "gates": "synth -flatten; abc -g all; opt_clean",
    "lut6": "synth -flatten; abc -lut 6; opt_clean",
    "ice40": "synth_ice40; opt_clean",
    "ecp5": "synth_ecp5 -nodffe -noccu2; opt_clean",
    "xilinx": "synth_xilinx -flatten -nocarry -noiopad; opt_clean",
}
"""How Yosys makes each netlist of ``largest``."""


def yosys(commands: str) -> None:
    done = subprocess.run(
        ["yosys", "-q", "-p", commands], cwd=FOLDER, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def abc(commands: str) -> None:
    program = shutil.which("berkeley-abc") or shutil.which("abc")
    assert program is not None, "ABC is not installed"
    subprocess.run([program, "-q", commands], cwd=FOLDER, check=True, capture_output=True)


def json(name: str, file: str, commands: str) -> None:
    """The module alone, without the cells of the maker, as `json` writes what is selected."""
    read = f"read_verilog {name}.v; hierarchy -top {name}"
    yosys(f"{read}; {commands}; setattr -unset src {name}/*; select {name}; json -o {file}.json")


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in SOURCES.items():
        (FOLDER / f"{name}.v").write_text(text)
    for name in ("largest", "compare"):
        read = f"read_verilog {name}.v; hierarchy -top {name}"
        yosys(f"{read}; synth -flatten; abc -g all; write_blif {name}.blif")
        yosys(f"{read}; synth -flatten; aigmap; write_aiger -symbols {name}.aig")
        abc(f"read {name}.aig; write_bench -l {name}.bench")
    for flow, commands in FLOWS.items():
        json("largest", f"largest_{flow}", commands)
    json("words", "words", "proc; opt; opt_clean")
    both = "read_verilog largest.v number.v; hierarchy -top number; synth; setattr -unset src */*"
    yosys(f"{both}; write_json hierarchy.json")
    yosys(f"{both}; flatten; opt_clean -purge; write_blif number.blif")
    abc("read compare.aig; collapse; write_pla compare.pla")


if __name__ == "__main__":
    main()
