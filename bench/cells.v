// What the combinational cells of the fabrics compute, so that a mapped design can be read as gates.
// Yosys brings models too, but its release 0.70 needs 18 seconds to read those of iCE40.
// Read with -icells: a LUT is Yosys's own cell, a table of bits by index, the last input the highest.

module SB_LUT4(input I0, input I1, input I2, input I3, output O);
  parameter [15:0] LUT_INIT = 0;
  \$lut #(.WIDTH(4), .LUT(LUT_INIT)) lut(.A({I3, I2, I1, I0}), .Y(O));
endmodule

module SB_CARRY(input I0, input I1, input CI, output CO);
  assign CO = (I0 & I1) | (I0 & CI) | (I1 & CI);
endmodule

`ifdef LATTICE
module LUT4(input A, input B, input C, input D, output Z);
  parameter [15:0] INIT = 0;
  \$lut #(.WIDTH(4), .LUT(INIT)) lut(.A({D, C, B, A}), .Y(Z));
endmodule
`else
module LUT4(input I0, input I1, input I2, input I3, output O);
  parameter [15:0] INIT = 0;
  \$lut #(.WIDTH(4), .LUT(INIT)) lut(.A({I3, I2, I1, I0}), .Y(O));
endmodule
`endif

module PFUMX(input ALUT, input BLUT, input C0, output Z);
  assign Z = C0 ? ALUT : BLUT;
endmodule

module L6MUX21(input D0, input D1, input SD, output Z);
  assign Z = SD ? D1 : D0;
endmodule

module CCU2C(
  input CIN, input A0, input B0, input C0, input D0, input A1, input B1, input C1, input D1,
  output S0, output S1, output COUT
);
  parameter [15:0] INIT0 = 0;
  parameter [15:0] INIT1 = 0;
  parameter INJECT1_0 = "YES";
  parameter INJECT1_1 = "YES";
  wire p0, p1, low0, low1;
  \$lut #(.WIDTH(4), .LUT(INIT0)) propagate0(.A({D0, C0, B0, A0}), .Y(p0));
  \$lut #(.WIDTH(4), .LUT(INIT1)) propagate1(.A({D1, C1, B1, A1}), .Y(p1));
  \$lut #(.WIDTH(2), .LUT(INIT0[3:0])) generate0(.A({B0, A0}), .Y(low0));
  \$lut #(.WIDTH(2), .LUT(INIT1[3:0])) generate1(.A({B1, A1}), .Y(low1));
  wire between = p0 ? CIN : INJECT1_0 != "YES" && low0;
  assign S0 = p0 ^ (INJECT1_0 != "YES" && CIN);
  assign S1 = p1 ^ (INJECT1_1 != "YES" && between);
  assign COUT = p1 ? between : INJECT1_1 != "YES" && low1;
endmodule

module INV(input I, output O);
  assign O = ~I;
endmodule

module LUT1(input I0, output O);
  parameter [1:0] INIT = 0;
  \$lut #(.WIDTH(1), .LUT(INIT)) lut(.A({I0}), .Y(O));
endmodule

module LUT2(input I0, input I1, output O);
  parameter [3:0] INIT = 0;
  \$lut #(.WIDTH(2), .LUT(INIT)) lut(.A({I1, I0}), .Y(O));
endmodule

module LUT3(input I0, input I1, input I2, output O);
  parameter [7:0] INIT = 0;
  \$lut #(.WIDTH(3), .LUT(INIT)) lut(.A({I2, I1, I0}), .Y(O));
endmodule

module LUT5(input I0, input I1, input I2, input I3, input I4, output O);
  parameter [31:0] INIT = 0;
  \$lut #(.WIDTH(5), .LUT(INIT)) lut(.A({I4, I3, I2, I1, I0}), .Y(O));
endmodule

module LUT6(input I0, input I1, input I2, input I3, input I4, input I5, output O);
  parameter [63:0] INIT = 0;
  \$lut #(.WIDTH(6), .LUT(INIT)) lut(.A({I5, I4, I3, I2, I1, I0}), .Y(O));
endmodule

module MUXF7(input I0, input I1, input S, output O);
  assign O = S ? I1 : I0;
endmodule

module MUXF8(input I0, input I1, input S, output O);
  assign O = S ? I1 : I0;
endmodule

module MUXF9(input I0, input I1, input S, output O);
  assign O = S ? I1 : I0;
endmodule

module CARRY4(input CI, input CYINIT, input [3:0] DI, input [3:0] S, output [3:0] CO, output [3:0] O);
  wire [3:0] before = {CO[2:0], CI | CYINIT};
  assign CO = (S & before) | (~S & DI);
  assign O = S ^ before;
endmodule

module CARRY8(input CI, input CI_TOP, input [7:0] DI, input [7:0] S, output [7:0] CO, output [7:0] O);
  parameter CARRY_TYPE = "SINGLE_CY8";
  wire [7:0] before = {CO[6:4], CARRY_TYPE == "DUAL_CY4" ? CI_TOP : CO[3], CO[2:0], CI};
  assign CO = (S & before) | (~S & DI);
  assign O = S ^ before;
endmodule
