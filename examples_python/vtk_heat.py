"""Reads a run as ParaView does, with VTK's reader: vtk_heat.py heat_….h5"""
import sys

from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonExecutionModel import vtkStreamingDemandDrivenPipeline
from vtkmodules.vtkIOHDF import vtkHDFReader

reader = vtkHDFReader()
reader.SetFileName(sys.argv[1])
reader.UpdateInformation()
times = reader.GetOutputInformation(0).Get(vtkStreamingDemandDrivenPipeline.TIME_STEPS())
print(len(times), "steps, from", times[0], "to", times[-1])

reader.SetStep(len(times) - 1)
reader.Update()
image = reader.GetOutput()
cells = vtk_to_numpy(image.GetCellData().GetArray("temperature"))
print(image.GetClassName(), "of", cells.size, "cells, at most", round(float(cells.max()), 4), "degrees at the last step")
