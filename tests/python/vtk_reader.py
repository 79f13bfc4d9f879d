"""Prints what VTK finds in VTKHDF files, argv[1:], as one JSON object for each. It needs nothing but VTK, of any version from 9.3
on."""

import json
import sys

from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkOutputWindow, vtkStringOutputWindow
from vtkmodules.vtkCommonExecutionModel import vtkStreamingDemandDrivenPipeline as Pipeline
from vtkmodules.vtkIOHDF import vtkHDFReader


def arrays(data):
    found = [data.GetArray(number) for number in range(data.GetNumberOfArrays())]
    return {array.GetName(): vtk_to_numpy(array).tolist() for array in found}


def seen(path):
    said = vtkStringOutputWindow()
    vtkOutputWindow.SetInstance(said)
    reader = vtkHDFReader()
    reader.SetFileName(path)
    reader.UpdateInformation()
    information = reader.GetOutputInformation(0)
    times = list(information.Get(Pipeline.TIME_STEPS()) or [])
    steps = []
    for time in times or [None]:
        if time is None:
            reader.Update()
        else:
            reader.UpdateTimeStep(time)
        data = reader.GetOutputDataObject(0)
        step = {"points": arrays(data.GetPointData()), "cells": arrays(data.GetCellData()),
                "number of points": data.GetNumberOfPoints(), "number of cells": data.GetNumberOfCells(),
                "bounds": list(data.GetBounds())}
        steps.append(step)
    return {"class": data.GetClassName(), "times": times, "steps": steps, "said": said.GetOutput() or ""}


for path in sys.argv[1:]:
    print(json.dumps(seen(path)))
